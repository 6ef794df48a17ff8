#include <iterator>

#include "domain/base/text.h"
#include "domain/users/routes.h"

namespace souk::users {

namespace {

using namespace schema;

/// Everything about one call of an action.
struct Call {
    const Users& users;
    const Realm& realm;
    const Caller& caller;
    JsonView body;
    std::string once;  // As Identity's; empty without an Idempotency-Key.

    [[nodiscard]] std::string text(std::string_view name) const { return body[name].text_or(); }
    [[nodiscard]] Result<UserId> user() const { return UserId::parse(caller.principal.id); }
};

enum class Who { anyone, signed_in };

/// One thing to do with an account; the same for the customers of a store and for staff.
struct AuthAction {
    std::string_view path;  // Below "auth/".
    std::string_view name;
    std::string_view summary;
    Who who;
    Throttle throttle;
    std::optional<Schema> body;
    Answer answer;
    Result<Response> (*run)(const Call& call);
};

Response status_response(int status, std::string_view word) {
    JsonWriter out;
    out.begin_object().member("status", word).end_object();
    return json_response(status, out.take());
}

Response tokens_response(const Tokens& tokens) {
    JsonWriter out;
    out.begin_object()
        .member("access_token", tokens.access_token)
        .member("refresh_token", tokens.refresh_token)
        .member("expires_in", tokens.expires_in.count())
        .member("token_type", "Bearer")
        .end_object();
    return json_response(200, out.take());
}

Answer status_answer(int status, std::string_view word, std::string_view description) {
    return {status, std::string(description),
            [word] { return object({required("status", one_of({std::string(word)}))}); }};
}

Schema enrolment_schema() { return object({required("otpauth_url", text(1, 2048))}); }

Schema tokens_schema() {
    return object({required("access_token", text(1, 8192)),
                   required("refresh_token", text(1, 8192)),
                   required("expires_in", integer(1, 86'400)),
                   required("token_type", one_of({"Bearer"}))})
        .named("Tokens");
}

Answer tokens_answer() { return {200, "A new session.", tokens_schema}; }

SchemaMember email_member() { return required("email", text(TextFormat::email)); }
SchemaMember code_member() { return required("code", text(1, 32)); }
SchemaMember password_member(std::string_view name) {
    return required(name, text(1, password_length_max));
}
/// The rules of the identity provider come later and may ask for more.
SchemaMember new_password_member(std::string_view name) {
    return required(name, text(password_length_min, password_length_max));
}
SchemaMember refresh_token_member() { return required("refresh_token", text(1, 8192)); }

Result<Response> run_sign_up(const Call& call) {
    TRY(call.users.sign_up(call.caller, call.realm,
                           {.email = call.text("email"),
                            .password = call.text("password"),
                            .name = call.text("name")}));
    return status_response(202, "confirmation_sent");
}

Result<Response> run_confirm_sign_up(const Call& call) {
    TRY(call.users.confirm_sign_up(call.caller, call.realm, call.text("email"), call.text("code"),
                                   call.once));
    return status_response(200, "confirmed");
}

Result<Response> run_resend_confirmation(const Call& call) {
    TRY(call.users.resend_confirmation(call.caller, call.realm, call.text("email")));
    return status_response(202, "confirmation_sent");
}

Result<Response> run_sign_in(const Call& call) {
    return tokens_response(TRY(call.users.sign_in(call.caller, call.realm,
                                                  {.email = call.text("email"),
                                                   .password = call.text("password"),
                                                   .totp = call.text("totp")})));
}

Result<Response> run_refresh(const Call& call) {
    return tokens_response(
        TRY(call.users.identity().refresh(call.realm, call.text("refresh_token"), call.once)));
}

Result<Response> run_sign_out(const Call& call) {
    TRY(call.users.identity().sign_out(call.realm, call.text("refresh_token")));
    return empty_response(204);
}

Result<Response> run_forgot_password(const Call& call) {
    TRY(call.users.forgot_password(call.caller, call.realm, call.text("email")));
    return status_response(202, "code_sent");
}

Result<Response> run_confirm_forgot_password(const Call& call) {
    const std::string member = call.body["new_password"].present() ? "new_password" : "password";
    TRY(call.users.identity().confirm_forgot_password(call.realm, ascii_lower(call.text("email")),
                                                      call.text("code"), call.text(member),
                                                      call.once));
    return status_response(200, "password_changed");
}

Result<Response> run_change_password(const Call& call) {
    const UserId user = TRY(call.user());
    TRY(call.users.identity().change_password(call.realm, user, call.text("password"),
                                              call.text("new_password"), call.once));
    return status_response(200, "password_changed");
}

Result<Response> run_enroll_totp(const Call& call) {
    const UserId user = TRY(call.user());
    JsonWriter out;
    out.begin_object()
        .member("otpauth_url", TRY(call.users.identity().enroll_totp(call.realm, user)))
        .end_object();
    return json_response(200, out.take());
}

Result<Response> run_confirm_totp(const Call& call) {
    const UserId user = TRY(call.user());
    TRY(call.users.identity().confirm_totp(call.realm, user, call.text("code"), call.once));
    return status_response(200, "totp_on");
}

Result<Response> run_remove_totp(const Call& call) {
    const UserId user = TRY(call.user());
    TRY(call.users.identity().remove_totp(call.realm, user, call.text("code"), call.once));
    return status_response(200, "totp_off");
}

std::vector<AuthAction> code_actions() {
    return {
        {"sign-up", "sign_up", "Makes an account; a code to confirm it goes to the e-mail.",
         Who::anyone, Throttle::code,
         object({email_member(), new_password_member("password"),
                 required("name", line(1, name_length_max))}),
         status_answer(202, "confirmation_sent",
                       "A mail is on its way, whoever the address is of."),
         run_sign_up},
        {"confirm-sign-up", "confirm_sign_up", "Confirms an account by the code that was mailed.",
         Who::anyone, Throttle::code, object({email_member(), code_member()}),
         status_answer(200, "confirmed", "The account is confirmed."), run_confirm_sign_up},
        {"resend-confirmation", "resend_confirmation", "Mails another code.", Who::anyone,
         Throttle::code, object({email_member()}),
         status_answer(202, "confirmation_sent", "A mail is on its way if one was due."),
         run_resend_confirmation},
        {"forgot-password", "forgot_password", "Mails a code that allows a new password.",
         Who::anyone, Throttle::code, object({email_member()}),
         status_answer(202, "code_sent", "A mail is on its way if the account exists."),
         run_forgot_password},
        {"confirm-forgot-password", "confirm_forgot_password",
         "Sets a new password by the code that was mailed, and ends every session.", Who::anyone,
         Throttle::code,
         // The member's name differs between other people's APIs; there is one password here.
         any_of({object({email_member(), code_member(), new_password_member("new_password")}),
                 object({email_member(), code_member(), new_password_member("password")})}),
         status_answer(200, "password_changed", "The new password is in force."),
         run_confirm_forgot_password},
    };
}

std::vector<AuthAction> session_actions() {
    return {
        {"sign-in", "sign_in", "Opens a session.", Who::anyone, Throttle::sign_in,
         object(
             {email_member(), password_member("password"), schema::optional("totp", text(1, 16))}),
         tokens_answer(), run_sign_in},
        {"refresh", "refresh", "Continues a session; the old refresh token is used up.",
         Who::anyone, Throttle::ordinary, object({refresh_token_member()}), tokens_answer(),
         run_refresh},
        {"sign-out",
         "sign_out",
         "Ends a session.",
         Who::anyone,
         Throttle::ordinary,
         object({refresh_token_member()}),
         {204, "The session is over, if there was one."},
         run_sign_out},
    };
}

std::vector<AuthAction> own_account_actions() {
    return {
        {"change-password", "change_password", "Sets a new password, knowing the old one.",
         Who::signed_in, Throttle::sign_in,
         object({password_member("password"), new_password_member("new_password")}),
         status_answer(200, "password_changed", "The new password is in force."),
         run_change_password},
        {"totp",
         "enroll_totp",
         "Makes a secret for one-time codes, not yet in force.",
         Who::signed_in,
         Throttle::sign_in,
         std::nullopt,
         {200, "The secret.", enrolment_schema},
         run_enroll_totp},
        {"totp/confirm", "confirm_totp", "Puts the secret in force, by a first code.",
         Who::signed_in, Throttle::code, object({code_member()}),
         status_answer(200, "totp_on", "Signing in asks for a code from now on."),
         run_confirm_totp},
        {"totp/remove", "remove_totp", "Takes the secret out of force, by a last code.",
         Who::signed_in, Throttle::code, object({code_member()}),
         status_answer(200, "totp_off", "Signing in asks for no code any more."), run_remove_totp},
    };
}

/// Where the actions are offered, and to whom those for the signed-in are.
struct Place {
    std::string_view prefix;
    std::string_view name_prefix;
    Audiences signed_in;
};
constexpr std::array places = std::to_array<Place>({
    {"/v1/stores/{store}/auth/", "customer_", audience::customer},
    {"/v1/auth/", "staff_", audience::account},
});

/// Names the request of this key, without telling the key or anything of the request.
std::string name_of_request(const Caller& caller, const Environment& environment) {
    if (!caller.idempotency) {
        return {};
    }
    return to_hex(
        environment.crypto.sha256(cat(caller.idempotency->scope, caller.idempotency->fingerprint)));
}

/// An effect that is not the ledger's alone is not run again for a key that has its answer. That
/// the answer cannot be kept is no failure: the effect is there, and what must not happen twice
/// knows its request by `once`.
Result<Response> run_once(const AuthAction& action, const Call& call) {
    const WalledLedger wall = call.users.wall(call.realm);
    if (auto before = TRY(replayed(call.caller, call.users.ledger(), wall))) {
        return *std::move(before);
    }
    auto done = action.run(call);
    if (!done && done.error().code == errors::weak_password && done.error().fields.empty()) {
        const std::string_view member =
            call.text("new_password").empty() ? "/password" : "/new_password";
        done.error().fields.push_back(
            {std::string(member), std::string(done.error().code.name), done.error().detail});
    }
    Response response = TRY(std::move(done));
    const ServiceLedger& ledger = call.users.ledger();
    if (const auto kept = remember(call.caller, ledger, wall, response); !kept) {
        ledger.environment().telemetry.log(
            LogLevel::warning, "users: an answer could not be kept for its repeats",
            {{"action", action.name}, {"code", kept.error().code.name}});
    }
    return response;
}

Route route_of(const Users& users, const Place& place, const AuthAction& action) {
    return {.name = cat(place.name_prefix, action.name),
            .method = Method::post,
            .pattern = cat(place.prefix, action.path),
            .summary = std::string(action.summary),
            .service = "users",
            .audiences = action.who == Who::anyone ? audience::by_body : place.signed_in,
            .body = action.body,
            .idempotency = IdempotencyKey::honoured,
            .throttle = action.throttle,
            .answers = {action.answer},
            .handle = [&users, action](const Caller& caller,
                                       const Request& request) -> Result<Response> {
                const Realm realm{caller.store};
                return run_once(action, {users, realm, caller, request.json(),
                                         name_of_request(caller, users.ledger().environment())});
            }};
}

}  // namespace

std::vector<Route> auth_routes(const Users& users) {
    std::vector<Route> all;
    for (const Place& place : places) {
        for (const auto& actions : {code_actions(), session_actions(), own_account_actions()}) {
            for (const auto& action : actions) {
                all.push_back(route_of(users, place, action));
            }
        }
    }
    return all;
}

std::vector<Route> routes(const Users& users) {
    std::vector<Route> all = auth_routes(users);
    for (auto part : {me_routes(users), address_routes(users)}) {
        std::ranges::move(part, std::back_inserter(all));
    }
    return all;
}

}  // namespace souk::users
