#include <nss.h>
#include <sys/stat.h>

#include "adapters/crypto_openssl/openssl_crypto.h"
#include "apps/souk/command_line.h"

int main(int argc, char** argv) {
    ::umask(0077);  // Whatever it writes is its owner's alone.
    // A static glibc would load the name service modules that the machine's /etc/nsswitch.conf
    // names, which are another libc's: code of strangers, and lookups that fail or crash.
    __nss_configure_lookup("hosts", "files dns");
    souk::OpensslCrypto::ignore_machine_configuration();
    return souk::app::run_command_line(argc, argv);
}
