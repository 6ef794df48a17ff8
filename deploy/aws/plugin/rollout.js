'use strict'
// Every function is called through its alias `live`. CodeDeploy moves the alias to a new version as the stage says
// (prod: a tenth of the calls, the rest five minutes later) and back, with the stack, as soon as an alarm goes off.
// Why CodeDeploy and not an alias with weights: somebody must watch the alarms and move the weights while the
// stack is being updated. CodeDeploy does so from within CloudFormation, costs nothing for Lambda, and needs no plugin.
// An alarm that is on already keeps every version out, also the one that mends its cause: SOUK_ROLLOUT=now asks no alarm.

const { attribute, camel } = require('./names')

const alias = 'live'
const aliasId = (name) => `${camel(name)}LiveAlias`
const groupId = (name) => `${camel(name)}Rollout`

/** Whether this deployment is to be there at once, whatever the alarms say. */
const isUrgent = ({ rollout_now: wanted }) => {
  if (!['watched', 'now'].includes(wanted)) throw new Error(`SOUK_ROLLOUT is "watched" or "now", not "${wanted}".`)
  return wanted === 'now'
}

/** Makes osls point routes, queues, streams and schedules to the alias instead of the function. */
const target = (functions) => {
  for (const [name, one] of Object.entries(functions)) {
    one.targetAlias = { name: alias, logicalId: aliasId(name) }
  }
}

const resourcesOf = (names, name, one, stage) => ({
  [aliasId(name)]: {
    Type: 'AWS::Lambda::Alias',
    UpdatePolicy: {
      CodeDeployLambdaAliasUpdate: { ApplicationName: { Ref: 'Rollouts' }, DeploymentGroupName: { Ref: groupId(name) } }
    },
    Properties: {
      FunctionName: { Ref: names.lambda(name) },
      FunctionVersion: attribute(one.versionLogicalId, 'Version'),
      Name: alias
    }
  },
  [groupId(name)]: {
    Type: 'AWS::CodeDeploy::DeploymentGroup',
    Properties: {
      ApplicationName: { Ref: 'Rollouts' },
      ServiceRoleArn: attribute('RolloutsRole', 'Arn'),
      DeploymentConfigName: `CodeDeployDefault.${isUrgent(stage) ? 'LambdaAllAtOnce' : stage.rollout}`,
      DeploymentStyle: { DeploymentType: 'BLUE_GREEN', DeploymentOption: 'WITH_TRAFFIC_CONTROL' },
      AlarmConfiguration: { Enabled: !isUrgent(stage), Alarms: one.rollbackAlarms.map((Name) => ({ Name })) },
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST']
      }
    }
  }
})

const common = {
  Rollouts: { Type: 'AWS::CodeDeploy::Application', Properties: { ComputePlatform: 'Lambda' } },
  RolloutsRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'codedeploy.amazonaws.com' }, Action: 'sts:AssumeRole' }]
      },
      ManagedPolicyArns: [{ 'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited' }]
    }
  }
}

const resources = (names, functions, stage) =>
  Object.keys(functions).length === 0
    ? {}
    : Object.assign({}, common, ...Object.entries(functions).map(([name, one]) => resourcesOf(names, name, one, stage)))

module.exports = { aliasId, target, resources }
