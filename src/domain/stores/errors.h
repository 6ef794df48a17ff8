#pragma once

#include "domain/base/error.h"

/// Why the stores service refuses.
namespace souk::errors {

/// Another store has this slug.
inline constexpr ErrorCode slug_taken{"slug_taken", ErrorKind::conflict};
/// Another store has this domain.
inline constexpr ErrorCode domain_taken{"domain_taken", ErrorKind::conflict};
/// The change would leave the store without an owner.
inline constexpr ErrorCode last_owner{"last_owner", ErrorKind::conflict};
/// No confirmed staff account has this e-mail.
inline constexpr ErrorCode unknown_account{"unknown_account", ErrorKind::invalid};
inline constexpr ErrorCode already_member{"already_member", ErrorKind::conflict};
inline constexpr ErrorCode too_many_members{"too_many_members", ErrorKind::conflict};
inline constexpr ErrorCode too_many_api_keys{"too_many_api_keys", ErrorKind::conflict};

}  // namespace souk::errors
