#include "domain/base/text.h"
#include "domain/stores/errors.h"
#include "domain/stores/stores.h"

namespace souk::stores {

namespace {

void add_taken(std::optional<Error>& refusal, const ErrorCode& code, std::string pointer,
               const std::string& detail) {
    if (!refusal) {
        refusal = Error{code, detail};
    }
    refusal->fields.push_back({std::move(pointer), std::string(code.name), detail});
}

}  // namespace

Stores::Stores(ServiceLedger ledger, AllStores all, const users::People& people)
    : ledger_(std::move(ledger)),
      platform_(ledger_.platform(all)),
      index_(platform_),
      people_(people) {}

Result<Change<Store>> Stores::create(const Caller& caller, const CreateStore& command) const {
    const UserId user = TRY(UserId::parse(caller.principal.id));
    const auto person = TRY(people_.staff(user));
    if (!person) {
        return fail(errors::unauthenticated, "Your account no longer exists.");
    }
    const Instant now = environment().now();
    const Store store = TRY(store_from(command, environment().fresh<StoreId>(), now));
    TRY(check_free(store));

    Changes changes;
    repository(store.id).add(changes, store,
                             {.user = person->id,
                              .email = person->email,
                              .name = person->name,
                              .role = Role::owner,
                              .since = now,
                              .version = 1});
    changes.announce(ledger_.event(store.id, "souk.store.created.v1", store.id.text(),
                                   cat(R"({"store":)", render_store(store), "}"),
                                   caller.traceparent));
    return Change<Store>{store, std::move(changes)};
}

Result<void> Stores::check_free(const Store& store) const {
    std::optional<Error> refusal;
    const auto slug_holder = TRY(index_.with_slug(store.slug));
    if (slug_holder && *slug_holder != store.id) {
        add_taken(refusal, errors::slug_taken, "/slug",
                  cat("Another store has the slug ", store.slug, "."));
    }
    for (std::size_t i = 0; i < store.domains.size(); ++i) {
        const auto holder = TRY(index_.with_domain(store.domains[i]));
        if (holder && *holder != store.id) {
            add_taken(refusal, errors::domain_taken, cat("/domains/", i),
                      cat("Another store has the domain ", store.domains[i], "."));
        }
    }
    return refusal ? fail(*std::move(refusal)) : Result<void>{};
}

}  // namespace souk::stores
