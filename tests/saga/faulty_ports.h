#pragma once

#include <map>
#include <string>

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory_ports/memory_mailer.h"
#include "domain/ports/http_client.h"
#include "domain/ports/mailer.h"
#include "domain/ports/payments.h"
#include "saga/trouble.h"

/// The ports that the saga's tests put between the services and the adapters in memory. Each fails,
/// loses its answer, dies and lets others act, before and after it took effect.
namespace souk::testing {

class FaultyLedger final : public Ledger {
public:
    FaultyLedger(MemoryLedger& inner, Trouble& trouble) : inner_(inner), trouble_(trouble) {}

    [[nodiscard]] Result<std::optional<Row>> get(const RowKey& key) override;
    [[nodiscard]] Result<std::vector<std::optional<Row>>> get_many(
        const std::vector<RowKey>& keys) override;
    [[nodiscard]] Result<Page> query(const Query& query) override;
    [[nodiscard]] Result<void> commit(const Transaction& transaction) override;

private:
    [[nodiscard]] Result<void> before_read();
    [[nodiscard]] Result<void> before_commit();
    [[nodiscard]] Result<void> take_effect(const Transaction& transaction);

    MemoryLedger& inner_;
    Trouble& trouble_;
};

class FaultyPayments final : public Payments {
public:
    FaultyPayments(Payments& inner, Trouble& trouble) : inner_(inner), trouble_(trouble) {}

    [[nodiscard]] Result<Authorisation> authorise(std::string_view key,
                                                  const PaymentRequest& request) override;
    [[nodiscard]] Result<void> capture(std::string_view key, const StoreId& store,
                                       const OrderId& order) override;
    [[nodiscard]] Result<void> cancel(std::string_view key, const StoreId& store,
                                      const OrderId& order) override;
    [[nodiscard]] Result<void> refund(std::string_view key, const StoreId& store,
                                      const OrderId& order, const Money& amount) override;
    /// Asks without an effect, so it fails but does not die.
    [[nodiscard]] Result<Standing> standing(const StoreId& store, const OrderId& order) override;

private:
    /// `call` is (key) -> Result; the witness hears of it before it takes effect.
    template <class Call>
    auto call(ProviderCall what, Call call) -> decltype(call(what.key));

    Payments& inner_;
    Trouble& trouble_;
    /// The key, or another one for every try but the first.
    [[nodiscard]] std::string key_for(Sabotage sabotage, std::string_view key);

    std::map<std::string, int, std::less<>> tries_;
};

class FaultyMailer final : public Mailer {
public:
    FaultyMailer(MemoryMailer& inner, Trouble& trouble) : inner_(inner), trouble_(trouble) {}

    [[nodiscard]] Result<void> send(const Mail& mail) override;
    [[nodiscard]] std::chrono::milliseconds longest() const override { return inner_.longest(); }

private:
    [[nodiscard]] Result<void> take(const Mail& mail);

    MemoryMailer& inner_;
    Trouble& trouble_;
};

class FaultyHttpClient final : public HttpClient {
public:
    FaultyHttpClient(HttpClient& inner, Trouble& trouble) : inner_(inner), trouble_(trouble) {}

    [[nodiscard]] Result<IncomingAnswer> send(const OutgoingRequest& request) override;
    [[nodiscard]] Result<void> check_url(std::string_view url) const override {
        return inner_.check_url(url);
    }

private:
    HttpClient& inner_;
    Trouble& trouble_;
};

}  // namespace souk::testing
