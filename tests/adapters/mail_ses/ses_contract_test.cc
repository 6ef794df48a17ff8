#include "adapters/mail_ses/ses_homes.h"

namespace souk::contract {

INSTANTIATE_TYPED_TEST_SUITE_P(Ses, MailerContract, FakeSesHome);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, MailerContract, MotoSesHome);

}  // namespace souk::contract
