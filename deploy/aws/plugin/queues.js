'use strict'
// A queue per consumer: SNS topic -> filter on the event's type -> queue -> function, and dead letters beside it.

const { attribute } = require('./names')
const { aliasId } = require('./rollout')

// As deliveries_max in src/domain/ports/message_bus.h.
const deliveriesMax = 5
const days = 24 * 3600
// Lambda's advice: a message must not come back while a batch with it may still be tried.
const visibilityTimeouts = 6

const queue = (properties) => ({
  Type: 'AWS::SQS::Queue',
  DeletionPolicy: 'Delete',
  UpdateReplacePolicy: 'Delete',
  Properties: { SqsManagedSseEnabled: true, ...properties }
})

/** Name and declaration of the one function that a queue feeds. */
const consumerOf = (name, functions) => {
  const consumers = Object.entries(functions).filter(([, one]) => one.access.consumes?.includes(name))
  if (consumers.length !== 1) throw new Error(`The queue ${name} has ${consumers.length} consumers; it must have one.`)
  return consumers[0]
}

const resourcesOf = (names, name, types, [consumer, { timeout }], fallback) => {
  const [live, dead] = [names.queue(name), names.dead(name)]
  const topic = names.imported('TopicArn')
  return {
    [live]: queue({
      QueueName: names.named(name),
      VisibilityTimeout: visibilityTimeouts * (timeout || fallback),
      MessageRetentionPeriod: 4 * days,
      RedrivePolicy: { deadLetterTargetArn: attribute(dead, 'Arn'), maxReceiveCount: deliveriesMax }
    }),
    // Keeps longer than the queue: a letter's age counts from when it was first sent.
    [dead]: queue({ QueueName: `${names.named(name)}-dead`, MessageRetentionPeriod: 14 * days }),
    [`${live}Policy`]: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: live }, { Ref: dead }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: [attribute(live, 'Arn'), attribute(dead, 'Arn')],
            Condition: { ArnEquals: { 'aws:SourceArn': topic } }
          }]
        }
      }
    },
    // What SNS cannot deliver lies with the queue's other dead letters, from where the admin routes send it back.
    // A queue of its own could not be redriven: SQS moves messages only out of queues that are some queue's dead letters.
    [`${live}Subscription`]: {
      Type: 'AWS::SNS::Subscription',
      // The consumer's new version first: the one before does not know what a wider filter lets through.
      DependsOn: [`${live}Policy`, aliasId(consumer)],
      Properties: {
        TopicArn: topic,
        Protocol: 'sqs',
        Endpoint: attribute(live, 'Arn'),
        RawMessageDelivery: true,
        FilterPolicyScope: 'MessageAttributes',
        FilterPolicy: { type: types },
        RedrivePolicy: { deadLetterTargetArn: attribute(dead, 'Arn') }
      }
    }
  }
}

const resources = (names, queues, functions, fallback) =>
  Object.assign({}, ...Object.entries(queues).map(([name, types]) =>
    resourcesOf(names, name, types, consumerOf(name, functions), fallback)))

module.exports = { queue, resources, days }
