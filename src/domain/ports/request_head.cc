#include "domain/ports/request_head.h"

namespace souk {

Request head_of(const Request& request) {
    Request head;
    head.method = request.method;
    head.path = request.path;
    head.query = request.query;
    head.headers = request.headers;
    head.peer = request.peer;
    return head;
}

}  // namespace souk
