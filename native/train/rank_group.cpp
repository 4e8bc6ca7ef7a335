#include "native/train/rank_group.h"

#include <utility>

#if FAIR_WITH_GLOO

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#if FAIR_WITH_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <set>
#include <thread>

#include "native/io/variable.h"

namespace fair::train {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Say = std::function<void(const std::string&)>;

/// No wait is longer without a word of what is waited for.
constexpr auto between_words = 30s;
/// For ranks that were there and fell silent without closing their connections, as when a machine goes.
constexpr auto silence = 30min;

std::string first_line(const char* what) {
  std::string text = what;
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

std::string seconds_since(Clock::time_point start) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count()) + " s";
}

class PendingSum final : public RankGroup::Sum {
 public:
  PendingSum(const Rank& rank, Say say, c10::intrusive_ptr<c10d::Work> work) : rank_(rank), say_(std::move(say)), work_(std::move(work)) {}

  void finish(const char* what) override {
    const auto start = Clock::now();
    for (;;) {
      try {
        work_->wait(std::chrono::duration_cast<std::chrono::milliseconds>(between_words));
        return;
      } catch (const std::exception& e) {
        // Not completed: only the wait came to its end, not the work.
        if (work_->isCompleted() || Clock::now() - start > silence)
          throw RankLost(rank_.name() + " lost another while it waited for " + what + ": " + first_line(e.what()));
        if (say_) say_(rank_.name() + " waits for " + what + ", " + seconds_since(start));
      }
    }
  }

 private:
  const Rank& rank_;
  Say say_;
  c10::intrusive_ptr<c10d::Work> work_;
};

class C10dGroup final : public RankGroup {
 public:
  C10dGroup(Rank rank, Say say, c10::intrusive_ptr<c10d::Store> store) : rank_(std::move(rank)), say_(std::move(say)), store_(std::move(store)) {}

  void open_gloo() {
    auto options = c10d::ProcessGroupGloo::Options::create(silence);
    const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
    const bool here = rank_.address == "127.0.0.1" || rank_.address == "localhost";
    options->devices.push_back(interface != nullptr && *interface != '\0' ? c10d::ProcessGroupGloo::createDeviceForInterface(interface)
                               : here                                     ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                                                                          : c10d::ProcessGroupGloo::createDefaultDevice());
    options->threads = 2;
    gloo_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store_, rank_.rank, rank_.ranks, options);
  }
#if FAIR_WITH_NCCL
  void open_nccl() { nccl_ = c10::make_intrusive<c10d::ProcessGroupNCCL>(store_, rank_.rank, rank_.ranks); }
#endif

  [[nodiscard]] const Rank& rank() const override { return rank_; }

  [[nodiscard]] std::unique_ptr<Sum> begin_sum(const at::Tensor& tensor) override {
    std::vector<at::Tensor> tensors{tensor};
    return pending([&](auto& group) { return group.allreduce(tensors); }, tensor);
  }

  void spread(const std::vector<at::Tensor>& tensors, const char* what) override {
    // One message a type of number: a network's tensors are many and small.
    std::vector<at::ScalarType> types;
    for (const at::Tensor& t : tensors) {
      if (std::find(types.begin(), types.end(), t.scalar_type()) == types.end()) types.push_back(t.scalar_type());
    }
    for (const at::ScalarType type : types) {
      std::vector<at::Tensor> flat;
      for (const at::Tensor& t : tensors) {
        if (t.scalar_type() == type) flat.push_back(t.detach().reshape({-1}));
      }
      std::vector<at::Tensor> message{at::cat(flat)};
      pending([&](auto& group) { return group.broadcast(message); }, message.front())->finish(what);
      if (rank_.first()) continue;
      std::int64_t from = 0;
      for (const at::Tensor& t : tensors) {
        if (t.scalar_type() != type) continue;
        t.detach().copy_(message.front().slice(0, from, from + t.numel()).view(t.sizes()));
        from += t.numel();
      }
    }
  }

  [[nodiscard]] std::string spread(const std::string& text, const char* what) override {
    const at::Tensor size = at::full({1}, static_cast<std::int64_t>(text.size()), at::kLong);
    spread(std::vector<at::Tensor>{size}, what);
    const at::Tensor bytes = at::zeros({std::max<std::int64_t>(1, size.item<std::int64_t>())}, at::kByte);
    if (rank_.first()) std::memcpy(bytes.data_ptr(), text.data(), text.size());
    spread(std::vector<at::Tensor>{bytes}, what);
    return {static_cast<const char*>(bytes.data_ptr()), static_cast<std::size_t>(size.item<std::int64_t>())};
  }

 private:
  template <class Begin>
  std::unique_ptr<Sum> pending(Begin begin, const at::Tensor& tensor) {
    try {
#if FAIR_WITH_NCCL
      if (tensor.is_cuda() && nccl_) return std::make_unique<PendingSum>(rank_, say_, begin(*nccl_));
#endif
      (void)tensor;
      return std::make_unique<PendingSum>(rank_, say_, begin(*gloo_));
    } catch (const std::exception& e) {
      throw RankLost(rank_.name() + " lost another: " + first_line(e.what()));
    }
  }

  Rank rank_;
  Say say_;
  c10::intrusive_ptr<c10d::Store> store_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo_;
#if FAIR_WITH_NCCL
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl_;
#endif
};

std::string host() {
  std::string name(256, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0) return "?";
  return name.c_str();
}

/// What a rank does until the others are there.
class Waiting {
 public:
  Waiting(const Rank& rank, const RankMeeting& meeting) : rank_(rank), meeting_(meeting) {}

  /// Tries until `attempt` is true. `what` tells what is waited for.
  Result<> until(const std::function<bool()>& attempt, const std::function<std::string()>& what) {
    while (!attempt()) {
      const auto now = Clock::now();
      if (meeting_.stop != nullptr && meeting_.stop->load()) return fail(Code::cancelled, rank_.name(), "the other ranks", "asked to stop meanwhile");
      if (now - start_ > std::chrono::seconds(rank_.patience)) {
        return fail(Code::io, rank_.name(), what() + " within " + std::to_string(rank_.patience) + " s", "nobody there",
                    "start all ranks with the same MASTER_ADDR, MASTER_PORT and WORLD_SIZE; FAIR_RANKS_TIMEOUT lets them take longer");
      }
      if (now - said_ > between_words) {
        said_ = now;
        if (meeting_.say) meeting_.say(rank_.name() + " waits for " + what() + ", " + seconds_since(start_));
      }
      std::this_thread::sleep_for(100ms);
    }
    return {};
  }

 private:
  const Rank& rank_;
  const RankMeeting& meeting_;
  Clock::time_point start_ = Clock::now(), said_ = start_;
};

/// Does somebody listen there? Asked before c10d is, which says on standard error what it does not reach.
bool answers(const std::string& address, std::uint16_t port) {
  addrinfo wanted{}, *found = nullptr;
  wanted.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return false;
  bool good = false;
  for (const addrinfo* one = found; one != nullptr && !good; one = one->ai_next) {
    const int connection = ::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, one->ai_protocol);
    if (connection < 0) continue;
    good = ::connect(connection, one->ai_addr, one->ai_addrlen) == 0;
    pollfd ready{connection, POLLOUT, 0};
    int error = 0;
    socklen_t size = sizeof error;
    if (!good && errno == EINPROGRESS && ::poll(&ready, 1, 2000) == 1)
      good = ::getsockopt(connection, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
    // A port of the range that connections begin from may connect to itself.
    sockaddr_storage here{}, there{};
    socklen_t here_size = sizeof here, there_size = sizeof there;
    good = good && ::getsockname(connection, reinterpret_cast<sockaddr*>(&here), &here_size) == 0 &&
           ::getpeername(connection, reinterpret_cast<sockaddr*>(&there), &there_size) == 0 &&
           (here_size != there_size || std::memcmp(&here, &there, here_size) != 0);
    ::close(connection);
  }
  ::freeaddrinfo(found);
  return good;
}

Result<c10::intrusive_ptr<c10d::Store>> open_store(const Rank& rank, Waiting& waiting) {
  // Under torchrun itself its agent plays the store.
  const bool serves = rank.first() && io::variable("TORCHELASTIC_USE_AGENT_STORE") != "True";
  c10d::TCPStoreOptions options;
  options.port = rank.port;
  options.isServer = serves;
  options.waitWorkers = false;
  options.timeout = serves ? std::chrono::milliseconds(silence) : std::chrono::milliseconds(5s);
  c10::intrusive_ptr<c10d::Store> store;
  std::string why;
  const std::string place = rank.address + ":" + std::to_string(rank.port);
  const auto attempt = [&] {
    if (!serves && !answers(rank.address, rank.port)) return false;
    try {
      const auto server = c10::make_intrusive<c10d::TCPStore>(rank.address, options);
      server->setTimeout(std::chrono::seconds(rank.patience));
      store = c10::make_intrusive<c10d::PrefixStore>("fair/" + io::variable("TORCHELASTIC_RESTART_COUNT"), server);
      // A rank 0 that has met a rank of this number is an earlier one's, about to end.
      if (!serves && store->add("came/" + std::to_string(rank.rank), 1) > 1) store.reset();
    } catch (const std::exception& e) {
      store.reset();
      why = first_line(e.what());
    }
    return store != nullptr;
  };
  // The port may be an earlier rank 0's for a moment.
  FAIR_TRY(waiting.until(attempt, [&] { return serves ? "port " + std::to_string(rank.port) + " to be free (" + why + ")" : "rank 0 at " + place; }));
  return store;
}

Result<> same_facts(const Json& greetings) {
  const Json& wanted = greetings[0]["facts"];
  for (std::size_t r = 1; r < greetings.size(); ++r) {
    for (const auto& [key, value] : wanted.items()) {
      const Json found = greetings[r]["facts"].value(key, Json());
      if (found == value) continue;
      return fail(Code::incompatible, "rank " + std::to_string(r) + " on " + greetings[r].value("host", "?"),
                  "the " + key + " of rank 0, " + value.dump(), found.dump(), "start all ranks with the same command, model and dataset");
    }
  }
  return {};
}

#if FAIR_WITH_NCCL
/// NCCL refuses two ranks on one GPU.
bool a_gpu_each(const Json& greetings) {
  std::set<std::string> seen;
  for (const Json& g : greetings) {
    const auto device = g.value("device", std::string());
    if (device.rfind("cuda", 0) != 0 || !seen.insert(g.value("host", std::string()) + " " + device).second) return false;
  }
  return true;
}
#endif

}  // namespace

Result<std::shared_ptr<RankGroup>> RankGroup::join(const Rank& rank, const RankMeeting& meeting) {
  Waiting waiting(rank, meeting);
  FAIR_TRY_ASSIGN(auto store, open_store(rank, waiting));
  try {
    const auto key = [](int r) { return "rank/" + std::to_string(r); };
    const std::string mine = Json{{"host", host()}, {"device", meeting.device.str()}, {"facts", meeting.facts}}.dump();
    store->set(key(rank.rank), std::vector<std::uint8_t>(mine.begin(), mine.end()));
    Json greetings = Json::array();
    for (int r = 0; r < rank.ranks; ++r) {
      FAIR_TRY(waiting.until([&] { return store->check({key(r)}); },
                             [&] {
                               std::string missing;
                               for (int other = r; other < rank.ranks; ++other) {
                                 if (!store->check({key(other)})) missing += (missing.empty() ? "rank " : ", ") + std::to_string(other);
                               }
                               return missing;
                             }));
      const auto bytes = store->get(key(r));
      FAIR_TRY_ASSIGN(Json greeting, parse_json(std::string(bytes.begin(), bytes.end()), "the greeting of " + key(r)));
      greetings.push_back(std::move(greeting));
    }
    // Rank 0, which may hold the store, leaves last.
    store->add("read", 1);
    if (Result<> same = same_facts(greetings); !same) {
      if (rank.first())
        FAIR_TRY(waiting.until([&] { return store->add("read", 0) >= rank.ranks; }, [] { return std::string("the others to read on"); }));
      return fail(std::move(same).error());
    }
    auto group = std::make_shared<C10dGroup>(rank, meeting.say, store);
    group->open_gloo();
#if FAIR_WITH_NCCL
    if (a_gpu_each(greetings)) group->open_nccl();
#endif
    return std::shared_ptr<RankGroup>(std::move(group));
  } catch (const std::exception& e) {
    return fail(Code::io, rank.name(), "a connection to every other", first_line(e.what()),
                "see what the others say; GLOO_SOCKET_IFNAME names the network interface between them");
  }
}

}  // namespace fair::train

#else

namespace fair::train {

Result<std::shared_ptr<RankGroup>> RankGroup::join(const Rank& rank, const RankMeeting&) {
  return fail(Code::unsupported, rank.name(), "a LibTorch with Gloo, and Gloo's headers when fair was built", "neither in this build",
              "train with one rank");
}

}  // namespace fair::train

#endif
