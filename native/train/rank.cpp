#include "native/train/rank.h"

#include <charconv>
#include <cstdlib>
#include <limits>

#include "native/io/variable.h"

namespace fair::train {
namespace {

Result<int> number(const char* name, int otherwise, int least, int most) {
  const std::string text = io::variable(name);
  if (text.empty()) return otherwise;
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value < least || value > most) {
    return fail(Code::usage, "variable " + std::string(name), "a whole number from " + std::to_string(least) + " to " + std::to_string(most), text,
                "set it as torchrun does, or unset RANK and WORLD_SIZE");
  }
  return value;
}

}  // namespace

Result<Rank> Rank::from_environment() {
  Rank out;
  if (io::variable("RANK").empty() && io::variable("WORLD_SIZE").empty()) return out;
  for (const char* name : {"RANK", "WORLD_SIZE"}) {
    if (io::variable(name).empty()) return fail(Code::usage, "variable " + std::string(name), "to be set beside the other of the two", "nothing", "");
  }
  FAIR_TRY_ASSIGN(out.ranks, number("WORLD_SIZE", 1, 1, 4096));
  FAIR_TRY_ASSIGN(out.rank, number("RANK", 0, 0, out.ranks - 1));
  if (out.alone()) return out;
  FAIR_TRY_ASSIGN(out.local, number("LOCAL_RANK", 0, 0, 4095));
  FAIR_TRY_ASSIGN(out.on_machine, number("LOCAL_WORLD_SIZE", 1, 1, 4096));
  FAIR_TRY_ASSIGN(const int port, number("MASTER_PORT", out.port, 1, std::numeric_limits<std::uint16_t>::max()));
  FAIR_TRY_ASSIGN(out.patience, number("FAIR_RANKS_TIMEOUT", out.patience, 1, 86400));
  out.port = static_cast<std::uint16_t>(port);
  out.address = io::variable("MASTER_ADDR");
  if (out.address.empty()) return fail(Code::usage, "variable MASTER_ADDR", "the address of rank 0", "nothing", "set it on every rank");
  return out;
}

}  // namespace fair::train
