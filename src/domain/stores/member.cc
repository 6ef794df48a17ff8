#include "domain/stores/member.h"

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/stores/errors.h"

namespace souk::stores {

namespace {

constexpr std::size_t secret_digits = (secret_bits + 4) / 5;

void write_api_key(JsonWriter& out, const ApiKey& key) {
    out.member("id", key.id.text()).member("name", key.name).key("scopes").begin_array();
    for (const Permission scope : key.scopes) {
        out.value(name_of(scope));
    }
    out.end_array()
        .member("prefix", key.prefix)
        .member("last_four", key.last_four)
        .member("created_by", key.created_by)
        .member("created_at", to_rfc3339(key.created_at))
        .member("version", api_key_version);
}

std::vector<Permission> permissions_of(Role role) {
    std::vector<Permission> granted = all_permissions();
    std::erase_if(granted, [role](Permission permission) { return !grants(role, permission); });
    return granted;
}

std::int64_t owners_in(Role role) { return role == Role::owner ? 1 : 0; }

Result<Roster> with_owners(Roster roster, std::int64_t more) {
    roster.owners += more;
    if (roster.owners < 1) {
        return fail(errors::last_owner, "A store keeps at least one owner; name another first.");
    }
    return roster;
}

}  // namespace

Result<Roster> joined(Roster roster, Role role) {
    if (roster.members >= members_max) {
        return fail(errors::too_many_members,
                    cat("A store has at most ", members_max, " members."));
    }
    ++roster.members;
    return with_owners(roster, owners_in(role));
}

Result<Roster> left(Roster roster, Role role) {
    --roster.members;
    return with_owners(roster, -owners_in(role));
}

Result<Roster> exchanged(Roster roster, Role before, Role after) {
    return with_owners(roster, owners_in(after) - owners_in(before));
}

Result<void> check_rank(const Caller& caller, Role affected) {
    if (affected == Role::owner && caller.principal.role != Role::owner) {
        return fail(errors::forbidden, "Only an owner may make, change or remove an owner.");
    }
    return check_scopes(caller, permissions_of(affected));
}

Result<void> check_scopes(const Caller& caller, const std::vector<Permission>& scopes) {
    std::string lacking;
    for (const Permission scope : scopes) {
        if (!caller.may(scope)) {
            lacking += cat(lacking.empty() ? "" : ", ", name_of(scope));
        }
    }
    if (!lacking.empty()) {
        return fail(errors::forbidden,
                    cat("You cannot grant what you may not do yourself: ", lacking, "."));
    }
    return {};
}

std::string secret_of(std::string_view random) {
    CHECK(random.size() * 8 == secret_bits);
    return cat(secret_prefix, to_base32(random));
}

bool is_secret(std::string_view text) {
    return text.size() == secret_prefix.size() + secret_digits && text.starts_with(secret_prefix);
}

std::string render_member(const Member& member) {
    JsonWriter out;
    out.begin_object()
        .member("user_id", member.user.text())
        .member("email", member.email)
        .member("name", member.name)
        .member("role", name_of(member.role))
        .member("since", to_rfc3339(member.since))
        .member("version", member.version)
        .end_object();
    return out.take();
}

std::string render_api_key(const ApiKey& key) {
    JsonWriter out;
    out.begin_object();
    write_api_key(out, key);
    out.end_object();
    return out.take();
}

std::string render_issued_api_key(const IssuedApiKey& issued) {
    JsonWriter out;
    out.begin_object().member("secret", issued.secret);
    write_api_key(out, issued.key);
    out.end_object();
    return out.take();
}

}  // namespace souk::stores
