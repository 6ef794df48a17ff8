#pragma once

#include "domain/base/error.h"

/// What the products service refuses, by its public names.
namespace souk::products::errors {

using namespace souk::errors;

inline constexpr ErrorCode handle_taken{"handle_taken", ErrorKind::conflict};
inline constexpr ErrorCode sku_taken{"sku_taken", ErrorKind::conflict};
/// What is published has at least one variant.
inline constexpr ErrorCode no_variants{"no_variants", ErrorKind::conflict};
inline constexpr ErrorCode last_variant{"last_variant", ErrorKind::conflict};
inline constexpr ErrorCode product_too_large{"product_too_large", ErrorKind::invalid};
inline constexpr ErrorCode stock_changed{"stock_changed", ErrorKind::conflict};
inline constexpr ErrorCode stock_below_zero{"stock_below_zero", ErrorKind::conflict};
inline constexpr ErrorCode stock_untracked{"stock_untracked", ErrorKind::conflict};
inline constexpr ErrorCode category_in_use{"category_in_use", ErrorKind::conflict};
inline constexpr ErrorCode too_many_categories{"too_many_categories", ErrorKind::conflict};
inline constexpr ErrorCode invalid_csv{"invalid_csv", ErrorKind::invalid};

}  // namespace souk::products::errors
