'use strict'
// One DynamoDB table as src/adapters/ledger_dynamodb expects it: rows by (pk, sk), two overloaded indexes, expiry, stream.

const keys = ['pk', 'sk', 'g1pk', 'g1sk', 'g2pk', 'g2sk']
const key = (hash, range) => [{ AttributeName: hash, KeyType: 'HASH' }, { AttributeName: range, KeyType: 'RANGE' }]
const index = (name, hash, range) => ({
  IndexName: name,
  KeySchema: key(hash, range),
  Projection: { ProjectionType: 'ALL' }
})

const table = (name, stage) => ({
  Type: 'AWS::DynamoDB::Table',
  DeletionPolicy: stage.on_deletion,
  UpdateReplacePolicy: stage.on_replacement,
  Properties: {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    KeySchema: key('pk', 'sk'),
    GlobalSecondaryIndexes: [index('index_1', 'g1pk', 'g1sk'), index('index_2', 'g2pk', 'g2sk')],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    // No SSESpecification: encrypted with a key of DynamoDB's own, which costs nothing. With one, each call to KMS costs.
    DeletionProtectionEnabled: stage.protect
  }
})

const resources = (names, tables, stage) =>
  Object.fromEntries(tables.map((name) => [names.table(name), table(names.named(name), stage)]))

module.exports = { resources }
