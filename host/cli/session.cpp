#include "host/cli/session.hpp"

#include <boost/json/serialize.hpp>
#include <iostream>

namespace intray::cli {

std::string query(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    text += text.empty() ? '?' : '&';
    text += name + '=' + url_escape(value);
  }
  return text;
}

Listing fetch_all(const Session& session, const std::string& path, bool on_socket) {
  Listing listing;
  std::string after;
  for (;;) {
    Call call;
    call.path = path;
    call.on_socket = on_socket;
    if (!after.empty()) {
      call.path += path.find('?') == std::string::npos ? '?' : '&';
      call.path += "after=" + url_escape(after);
    }
    const auto reply = send(session.connection, call);
    if (!reply) {
      listing.exit = explain(session.style, reply.error());
      return listing;
    }
    if (!reply->ok()) {
      listing.exit = explain(session.style, *reply);
      return listing;
    }
    for (const auto& item : items_of(reply->json)) listing.items.push_back(item);
    after = text_of(reply->json, "next");
    if (after.empty()) return listing;
  }
}

Exit print_all(const Session& session, const std::string& path, bool on_socket,
               const std::vector<std::string>& header, const std::vector<std::string_view>& members,
               std::string_view empty) {
  auto listing = fetch_all(session, path, on_socket);
  if (listing.exit != kOk) return listing.exit;
  const boost::json::value list = boost::json::object{{"items", std::move(listing.items)}};
  if (session.style.json) {
    std::cout << boost::json::serialize(list) << '\n';
  } else {
    print_table(header, rows_of(list, members), empty);
  }
  return kOk;
}

Exit run(const Session& session, const Call& call, const std::function<Exit(const Reply&)>& show) {
  const auto reply = send(session.connection, call);
  if (!reply) return explain(session.style, reply.error());
  if (!reply->ok()) return explain(session.style, *reply);
  if (session.style.json) {
    std::cout << (reply->body.empty() ? std::string("{}") : reply->body) << '\n';
    return kOk;
  }
  return show(*reply);
}

}  // namespace intray::cli
