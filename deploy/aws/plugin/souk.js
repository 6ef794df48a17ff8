'use strict'
// What every service's template gets from its declarations, so that no service can forget any of it:
//   custom.souk.tables     tables that it owns                        -> tables.js
//   custom.souk.queues     queue -> event types that it takes         -> queues.js
//   custom.souk.alarms     counters of its own to be told of          -> alarms.js
//   functions.*.access     what the function may do, and no more      -> roles.js, sources.js
// and for each function an alias that new versions reach by and by (rollout.js), and alarms for all of it (alarms.js).

const alarms = require('./alarms')
const queues = require('./queues')
const roles = require('./roles')
const rollout = require('./rollout')
const sources = require('./sources')
const tables = require('./tables')
const { Names } = require('./names')

// A sender must be set for the functions to start; without a permission to send, nothing leaves.
const nobody = 'nobody@souk.invalid'

const list = { type: 'array', items: { type: 'string' } }
const access = {
  type: 'object',
  properties: {
    owns: list, // Tables: reads and writes.
    asks: list, // Siblings' tables: reads.
    depends_on: list, // Siblings' tables: conditions of its own commits.
    consumes: list, // Queues of custom.souk.queues that it is fed from.
    relays: list, // Tables whose stream it is fed from; it publishes their events.
    grants: { type: 'array', items: { enum: Object.keys(roles.grants) } }
  },
  additionalProperties: false
}

module.exports = class Souk {
  constructor (serverless) {
    this.serverless = serverless
    const schema = serverless.configSchemaHandler
    schema.defineFunctionProperties('aws', { properties: { access } })
    this.hooks = {
      'initialize': () => this.declare(),
      'before:package:compileFunctions': () => rollout.target(this.functions),
      'after:package:compileFunctions': () => this.add(rollout.resources(this.names, this.functions, this.stage))
    }
  }

  get service () { return this.serverless.service }
  get functions () { return this.service.functions }
  get stage () { return this.service.custom.stage }

  declare () {
    const owned = this.service.custom.souk || {}
    const variables = this.service.provider.environment
    const mailFrom = variables.SOUK_MAIL_FROM
    variables.SOUK_MAIL_FROM ||= nobody
    this.names = new Names(this.service.service, this.service.provider.stage)
    for (const [name, one] of Object.entries(this.functions)) {
      one.name = this.names.function(name)
      one.role = this.names.role(name)
      one.events = [...(one.events || []), ...sources.events(this.names, one)]
    }
    this.service.resources = this.service.resources || {}
    this.service.resources.Resources = {
      ...this.service.resources.Resources,
      ...tables.resources(this.names, owned.tables || [], this.stage),
      ...queues.resources(this.names, owned.queues || {}, this.functions, this.service.provider.timeout),
      ...sources.resources(this.names, this.functions),
      ...roles.resources(this.names, this.functions, mailFrom),
      ...alarms.resources(this.names, owned, this.functions, this.service.provider.timeout)
    }
  }

  add (resources) {
    Object.assign(this.service.provider.compiledCloudFormationTemplate.Resources, resources)
  }
}
