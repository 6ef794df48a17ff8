'use strict'
// What exists only where the settings ask for it: an own domain, the sender of mails, the address of alarms.

const setting = async (resolveVariable, name) => String(await resolveVariable(`self:custom.${name}`))
const exported = (name, what, value) => ({ Value: value, Export: { Name: `${name}-${what}` } })

module.exports.domain = async ({ resolveVariable }) => {
  const [name, domain, certificate] =
    await Promise.all(['name', 'domain', 'certificate'].map((one) => setting(resolveVariable, one)))
  if (!domain) {
    const own = { 'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}' }
    return { Outputs: { PublicUrl: exported(name, 'PublicUrl', own) } }
  }
  if (!certificate) throw new Error(`The domain ${domain} needs a certificate (SOUK_CERTIFICATE or stages/*.yml).`)
  return {
    Resources: {
      ApiDomain: {
        Type: 'AWS::ApiGatewayV2::DomainName',
        Properties: {
          DomainName: domain,
          DomainNameConfigurations: [{ EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2', CertificateArn: certificate }]
        }
      },
      ApiMapping: {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        Properties: { ApiId: { Ref: 'Api' }, DomainName: { Ref: 'ApiDomain' }, Stage: { Ref: 'ApiStage' } }
      }
    },
    Outputs: {
      PublicUrl: exported(name, 'PublicUrl', `https://${domain}`),
      DomainTarget: {
        Description: 'What a CNAME (or alias) record of the domain must point to.',
        Value: { 'Fn::GetAtt': ['ApiDomain', 'RegionalDomainName'] }
      }
    }
  }
}

/** Whether the API's own address is closed: only where there is another one. */
module.exports.closed = async ({ resolveVariable }) => {
  const [domain, closed] = await Promise.all(['domain', 'close_amazon_address'].map((one) => setting(resolveVariable, one)))
  if (!['true', 'false'].includes(closed)) throw new Error(`close_amazon_address is true or false, not ${closed}.`)
  if (closed === 'true' && !domain) throw new Error('Without a domain, close_amazon_address would leave no way in.')
  return closed === 'true'
}

// Amazon asks for three DNS records (DKIM) before it sends in the domain's name; docs/aws.md.
module.exports.mail = async ({ resolveVariable }) => {
  const [name, from, identity] =
    await Promise.all(['name', 'mail_from', 'mail_identity'].map((one) => setting(resolveVariable, one)))
  if (!from) return {}
  if (!['own', 'existing'].includes(identity)) throw new Error(`mail_identity is own or existing, not ${identity}.`)
  const own = {
    MailIdentity: {
      Type: 'AWS::SES::EmailIdentity',
      Properties: {
        EmailIdentity: from.replace(/^.*@/, ''),
        ConfigurationSetAttributes: { ConfigurationSetName: { Ref: 'MailSettings' } }
      }
    }
  }
  return {
    Resources: {
      ...(identity === 'own' && own), // An account has a domain once: a second stack could not make it.
      MailSettings: {
        Type: 'AWS::SES::ConfigurationSet',
        Properties: {
          Name: `${name}-mails`,
          ReputationOptions: { ReputationMetricsEnabled: true },
          SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
          SendingOptions: { SendingEnabled: true }
        }
      },
      MailEvents: {
        Type: 'AWS::SES::ConfigurationSetEventDestination',
        DependsOn: 'AlarmTopicPolicy', // SES tries at once whether it may publish.
        Properties: {
          ConfigurationSetName: { Ref: 'MailSettings' },
          EventDestination: {
            Name: 'alarms',
            Enabled: true,
            MatchingEventTypes: ['BOUNCE', 'COMPLAINT', 'REJECT'],
            SnsDestination: { TopicARN: { Ref: 'AlarmTopic' } }
          }
        }
      }
    }
  }
}

module.exports.alarm_address = async ({ resolveVariable }) => {
  const address = await setting(resolveVariable, 'alarm_address')
  if (!address) return {}
  return {
    Resources: {
      AlarmMail: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'AlarmTopic' }, Protocol: 'email', Endpoint: address }
      }
    }
  }
}
