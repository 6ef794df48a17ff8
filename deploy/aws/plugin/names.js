'use strict'
// How things are called. The functions find tables and queues by these names (SOUK_TABLE_PREFIX, SOUK_QUEUE_URL_PREFIX).

const sub = (text) => ({ 'Fn::Sub': text })
const attribute = (id, name) => ({ 'Fn::GetAtt': [id, name] })
/** orders-stock -> OrdersStock */
const camel = (name) => name.split(/[^A-Za-z0-9]+/).map((word) => word[0].toUpperCase() + word.slice(1)).join('')

class Names {
  constructor (service, stage) {
    this.service = service.replace(/^souk-/, '')
    this.stage = stage
    this.prefix = `souk-${stage}-`
  }

  // Logical ids.
  role (name) { return `${camel(name)}Role` }
  table (name) { return `${camel(name)}Table` }
  queue (name) { return `${camel(name)}Queue` }
  dead (name) { return `${camel(name)}DeadQueue` }
  lambda (name) { return `${camel(name)}LambdaFunction` } // As osls names it.
  logs (name) { return `${camel(name)}LogGroup` } // As osls names it.

  // Names in the account.
  function (name) { return `${this.prefix}${this.service}-${name}` }
  named (name) { return this.prefix + name }
  imported (what) { return { 'Fn::ImportValue': this.prefix + what } }

  tableArn (name) { return sub(`arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/${this.prefix}${name}`) }
  indexArn (name, index) { return sub(`${this.tableArn(name)['Fn::Sub']}/index/${index}`) }
  queueArn (name) { return sub(`arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${this.prefix}${name}`) }
}

module.exports = { Names, attribute, camel, sub }
