'use strict'
// For rehearsals on an emulator: does nothing unless AWS_ENDPOINT_URL is on the loopback interface. What MiniStack cannot
// do is taken out of the template here, and nothing else; each entry says what the rehearsal therefore does not prove.

const loopback = /^http:\/\/127\.0\.0\.1:\d+\/?$/

/** Types and properties that are left out. */
const absent = {
  // Rollouts: new versions take all traffic at once.
  'AWS::CodeDeploy::Application': () => true,
  'AWS::CodeDeploy::DeploymentGroup': () => true,
  // Metric math, queries and anomaly bands; alarms of one metric stay.
  'AWS::CloudWatch::Alarm': (properties) => Boolean(properties.Metrics),
  'AWS::CloudWatch::AnomalyDetector': () => true
}

// MiniStack takes calls that move several things at once for actions of their own, knows no ses:FromAddress, and does not
// see which identity sends.
const several = {
  'sqs:SendMessage': 'sqs:SendMessageBatch',
  'sqs:DeleteMessage': 'sqs:DeleteMessageBatch',
  'sqs:ChangeMessageVisibility': 'sqs:ChangeMessageVisibilityBatch',
  'sns:Publish': 'sns:PublishBatch'
}

module.exports = class Rehearsal {
  constructor (serverless) {
    this.serverless = serverless
    this.endpoint = process.env.AWS_ENDPOINT_URL || ''
    if (!loopback.test(this.endpoint)) return
    this.hooks = {
      // MiniStack's ValidateTemplate does not read templates from S3.
      'initialize': () => {
        const deploy = serverless.pluginManager.plugins.find((one) => one.constructor.name === 'AwsDeploy')
        deploy.validateTemplate = async () => {}
      },
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.fit()
    }
  }

  fit () {
    const template = this.serverless.service.provider.compiledCloudFormationTemplate
    for (const [id, resource] of Object.entries(template.Resources)) {
      if (absent[resource.Type]?.(resource.Properties)) delete template.Resources[id]
      if (resource.Type === 'AWS::Lambda::Alias') delete resource.UpdatePolicy
      if (resource.Type === 'AWS::IAM::Role') resource.Properties.Policies?.forEach((policy) => this.widen(policy))
      if (resource.Type === 'AWS::S3::BucketPolicy') this.permitPlainHttp(resource.Properties)
      if (resource.Type === 'AWS::Lambda::Function') this.bring(resource.Properties.Environment.Variables)
    }
    delete template.Resources.RolloutsRole
  }

  widen ({ PolicyDocument: { Statement: statements } }) {
    for (const one of statements) {
      one.Action = [one.Action].flat()
      one.Action.push(...one.Action.map((action) => several[action]).filter(Boolean))
      delete one.Condition
      if (one.Action.includes('ses:SendEmail')) one.Resource = '*'
    }
  }

  /** The emulator has no TLS, which the bucket insists on. */
  permitPlainHttp ({ PolicyDocument: document }) {
    document.Statement = document.Statement.filter((one) => !one.Condition?.Bool?.['aws:SecureTransport'])
  }

  /** Addresses of the emulator instead of Amazon's. */
  bring (variables) {
    const prefix = variables.SOUK_TABLE_PREFIX
    variables.SOUK_QUEUE_URL_PREFIX = { 'Fn::Sub': `${this.endpoint.replace(/\/$/, '')}/\${AWS::AccountId}/${prefix}` }
    for (const [name, value] of Object.entries(process.env)) {
      if (name.startsWith('SOUK_REHEARSAL_')) variables[name.replace('REHEARSAL_', '')] = value
    }
  }
}
