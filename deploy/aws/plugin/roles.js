'use strict'
// One role per function, from its `access`: the actions that src/adapters call, on the resources that it names.

const { attribute, sub } = require('./names')

const allow = (actions, resource, condition) => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resource,
  ...(condition && { Condition: condition })
})

const read = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query']
// The parts of a transaction; TransactWriteItems itself is no action of IAM.
const write = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem']
const receive = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes']

const every = (names, name) => [
  allow(['logs:CreateLogStream', 'logs:PutLogEvents'], attribute(names.logs(name), 'Arn')),
  allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*') // X-Ray has no resources.
]

const owns = (names, table) => [
  allow([...read, ...write], names.tableArn(table)),
  allow(['dynamodb:Query'], [names.indexArn(table, 'index_1'), names.indexArn(table, 'index_2')])
]

const asks = (names, table) => [allow(read, names.tableArn(table))]

// A commit of its own that happens only if a sibling's row is as it was read.
const dependsOn = (names, table) => [allow(['dynamodb:ConditionCheckItem'], names.tableArn(table))]

// Failed messages rest as long as the bus says, and hopeless ones are buried at once.
const consumes = (names, queue) => [
  allow(receive, attribute(names.queue(queue), 'Arn')),
  allow(['sqs:SendMessage'], attribute(names.dead(queue), 'Arn'))
]

const relays = (names, table) => [
  allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], attribute(names.table(table), 'StreamArn')),
  allow(['dynamodb:ListStreams'], sub(`${names.tableArn(table)['Fn::Sub']}/stream/*`)),
  allow(['sns:Publish'], names.imported('TopicArn')),
  allow(['sqs:SendMessage'], attribute(names.dead('relay'), 'Arn'))
]

const objects = (names, path) =>
  ({ 'Fn::Sub': [`arn:\${AWS::Partition}:s3:::\${Bucket}${path}`, { Bucket: names.imported('MediaBucket') }] })

/** What is not a table or a queue: name -> (names, settings) -> statements. */
const grants = {
  // The installation's secret: cursors, codes, sealed answers.
  secret: (names) => [allow(['secretsmanager:GetSecretValue'], names.imported('SecretArn'))],
  // Accounts of the user pool. What needs no credentials (GetTokensFromRefreshToken, RevokeToken, the keys) needs no
  // permission either. Administrators are made by an operator with credentials of his own.
  accounts: (names) => [allow([
    'cognito-idp:AdminCreateUser', 'cognito-idp:AdminSetUserPassword', 'cognito-idp:AdminInitiateAuth',
    'cognito-idp:AdminUserGlobalSignOut', 'cognito-idp:AdminDeleteUser'
  ], names.imported('UserPoolArn'))],
  // Signs addresses that browsers upload to, looks whether something came, keeps files to import.
  media: (names) => [
    allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      [objects(names, '/store_*'), objects(names, '/private/*')]),
    // Without it S3 says 403 instead of 404 for what is not there.
    allow(['s3:ListBucket'], objects(names, ''))
  ],
  // Of every identity: in its sandbox, SES asks for the recipient's, too. Whom a mail comes from is the condition's matter.
  mail: (names, { mailFrom }) => mailFrom
    ? [allow(['ses:SendEmail', 'ses:SendRawEmail'], // Mails are whole messages.
        [sub('arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*'),
          sub(`arn:\${AWS::Partition}:ses:\${AWS::Region}:\${AWS::AccountId}:configuration-set/${names.named('mails')}`)],
        { StringEquals: { 'ses:FromAddress': mailFrom } })]
    : [],
  // Shows every queue's dead letters and sends them back.
  dead_letters: (names) => redrives(names, deadLettersOf),
  // Sends mails back that their server was not there for.
  dead_mails: (names) => redrives(names, ['notifications-mails'])
}

const redrives = (names, queues) => [
  allow(receive, queues.map((queue) => names.queueArn(`${queue}-dead`))),
  allow(['sqs:SendMessage'], queues.map((queue) => names.queueArn(queue)))
]

/** All queues of all services; tests/aws/test_templates.py holds it equal to what the services declare. */
const deadLettersOf = [
  'products-orders', 'products-imports', 'carts-orders', 'orders-stock', 'orders-payments',
  'notifications-mails', 'notifications-webhooks'
]

const statements = (names, name, access, settings) => [
  ...every(names, name),
  ...(access.owns || []).flatMap((table) => owns(names, table)),
  ...(access.asks || []).flatMap((table) => asks(names, table)),
  ...(access.depends_on || []).flatMap((table) => dependsOn(names, table)),
  ...(access.consumes || []).flatMap((queue) => consumes(names, queue)),
  ...(access.relays || []).flatMap((table) => relays(names, table)),
  ...(access.grants || []).flatMap((grant) => grants[grant](names, settings))
]

const role = (names, name, access, settings) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }]
    },
    Policies: [{
      PolicyName: 'access',
      PolicyDocument: { Version: '2012-10-17', Statement: statements(names, name, access, settings) }
    }]
  }
})

const resources = (names, functions, mailFrom) =>
  Object.fromEntries(Object.entries(functions).map(([name, { access }]) => [names.role(name), role(names, name, access, { mailFrom })]))

module.exports = { grants, resources }
