// Files made to hurt: refused or inert, never run, in little memory.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "native/io/atomic_file.h"
#include "native/onnx/crc32.h"
#include "native/onnx/state_dict.h"
#include "native/weights/read.h"

namespace fair::weights {
namespace {

using std::string_literals::operator""s;

std::string number(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}
std::string text(const std::string& value) { return std::string("X").append(number(value.size(), 4)).append(value); }

/// A legacy torch.save file around one pickle: no zip in the way.
std::string around(const std::string& pickle, const std::string& behind = "\x80\x02]."s) {
  return "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s + "\x80\x02M\xe9\x03."s + "\x80\x02}"s + text("little_endian") + "\x88s."s +
         pickle + behind;
}

/// A dict of one float tensor "w" of `elements`, its storage "0" behind the pickles.
std::string tensor(const std::string& offset, const std::string& sizes, const std::string& strides) {
  return text("w") + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + "K\x04NtQ" +
         offset + sizes + strides + "\x89N" + "tR";
}
const std::string storage = "\x80\x02]"s + text("0") + "a." + number(4, 8) + std::string(16, '\x3f');
std::string dict(const std::string& members) { return "\x80\x02}("s + members + "u."; }

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

Error refused(const std::string& bytes) {
  const auto state = parse_state_dict(bytes, "file");
  EXPECT_FALSE(state);
  return state ? Error{} : state.error();
}

TEST(Hostile, TheirGoodTwinIsRead) {
  const auto state = parse_state_dict(around(dict(tensor("K\x00"s, "K\x02K\x02\x86", "K\x02K\x01\x86")), storage), "file");
  ASSERT_TRUE(state) << state.error().message();
  ASSERT_EQ(state->tensors.size(), 1U);
  EXPECT_EQ(state->tensors[0].name, "w");
  EXPECT_EQ(state->tensors[0].dims, (std::vector<std::int64_t>{2, 2}));
}

TEST(Hostile, CallsAreNeverMade) {
  const std::string witness = (std::filesystem::temp_directory_path() / ("fair-pickle-" + std::to_string(getpid()))).string();
  const std::string command = text("touch " + witness);
  for (const std::string& call : {
           "cposix\nsystem\n"s + command + "\x85R",
           "cos\nsystem\n("s + command + "tR",
           "(ios\nsystem\n"s.insert(1, command),
           "("s + "cos\nsystem\n" + command + "o",
           "cos\nsystem\n"s + command + "\x85\x81",
           text("os") + text("system") + "\x93"s + command + "\x85R",
           "c__builtin__\neval\n"s + text("open('" + witness + "','w')") + "\x85R",
           "ctorch\n_utils._rebuild_tensor_v2.__globals__\n)R"s,
       }) {
    // Alone it is no weights; beside a tensor it stays inert and the tensor is read.
    EXPECT_EQ(refused(around("\x80\x04"s + call + ".")).code, Code::not_found);
    const auto state = parse_state_dict(around(dict(text("evil") + call + tensor("K\x00"s, "K\x04\x85", "K\x01\x85")), storage), "file");
    ASSERT_TRUE(state) << state.error().message();
    EXPECT_EQ(state->tensors.size(), 1U);
    EXPECT_EQ(state->left_out, std::vector<std::string>{"evil"});
  }
  EXPECT_FALSE(std::filesystem::exists(witness));
}

TEST(Hostile, TensorsMayNotReachBeyondTheirStorage) {
  const std::string minus_one = "J\xff\xff\xff\xff"s, huge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"s;
  for (const auto& [offset, sizes, strides] : std::vector<std::array<std::string, 3>>{
           {"K\x01"s, "K\x04\x85"s, "K\x01\x85"s},
           {"K\x04"s, "K\x01\x85"s, "K\x01\x85"s},
           {minus_one, "K\x01\x85"s, "K\x01\x85"s},
           {"K\x00"s, "K\x02\x85"s, "K\x04\x85"s},
           {"K\x00"s, "K\x02\x85"s, huge + "\x85"},
           {"K\x00"s, "K\x02\x85"s, minus_one + "\x85"},
           {"K\x00"s, minus_one + "\x85", "K\x01\x85"s},
           {"K\x00"s, huge + "\x85", "K\x00\x85"s},
           {"K\x00"s, huge + huge + "\x86", "K\x00K\x00\x86"s},
           {"K\x00"s, "J\x00\x00\x00\x40\x85"s, "K\x00\x85"s},  // 4 GiB out of one element
           {huge, "K\x01\x85"s, "K\x01\x85"s},
           {"K\x00"s, "K\x04\x85"s, "K\x01K\x01\x86"s},  // sizes and strides that differ in number
           {"K\x00"s, "N", "N"},
       }) {
    const Error error = refused(around(dict(tensor(offset, sizes, strides)), storage));
    EXPECT_TRUE(error.code == Code::invalid || error.code == Code::unsupported) << error.message();
    EXPECT_NE(error.thing.find("file"), std::string::npos);
  }
}

TEST(Hostile, DepthCirclesAndCountsEndSoon) {
  const long before = peak_kilobytes();
  const std::string million(1'000'000, ']');
  refused(around("\x80\x02" + million + std::string(999'999, 'a') + "."));  // a list in a list in a list …
  refused(around("\x80\x02" + std::string(2'000'000, '(') + "."));          // marks only
  refused(around("\x80\x02" + std::string(3'000'000, 'N') + "."));          // values only
  refused(around("\x80\x02]" + std::string(3'000'000, '2') + "."));         // one value often
  refused(around("\x80\x02]q\x01h\x01"s + "a" + "."));                      // a list that holds itself
  refused(around("\x80\x02}q\x01"s + text("a") + "h\x01s" + "."));          // a dict that does
  refused(around("\x80\x02X\xff\xff\xff\xff"s));                            // 4 GiB of text in nothing
  refused(around("\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff"s));         // 16 EiB
  refused(around("\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff."s));        // a frame as long
  refused(around("\x80\x02\x8b\xff\xff\xff\xff."s));                        // a number as long
  refused(around("\x80\x02j\xff\xff\xff\xff."s));                           // a memo never made
  // Modules that hold the next one twice: 2^60 of them in a few kilobytes.
  std::string tree = "\x80\x02"s;
  const std::string module = "cm\nM\n)\x81}("s + text("_parameters") + "}" + text("_modules") + "}";
  tree += module + "ub" + "q\x00"s;
  for (int i = 1; i <= 60; ++i)
    tree += module + "(" + text("a") + "h" + number(static_cast<std::uint64_t>(i - 1), 1) + text("b") + "h" +
            number(static_cast<std::uint64_t>(i - 1), 1) + "u" + "ubq" + number(static_cast<std::uint64_t>(i), 1);
  EXPECT_EQ(refused(around(tree + ".")).code, Code::unsupported);
  // One list of pairs, made a dict of again and again.
  std::string again = "\x80\x02](";
  for (int i = 0; i < 50'000; ++i) again += "NN\x86";
  again += "e\x85q\x01" + std::string("0");
  for (int i = 0; i < 200'000; ++i) again += "ccollections\nOrderedDict\nh\x01R0";
  refused(around(again + "N."));
  EXPECT_LT(peak_kilobytes() - before, 600'000);
}

TEST(Hostile, EveryOpcodeAloneAndEveryByteAfterItIsAnError) {
  for (int code = 0; code < 256; ++code) {
    (void)parse_state_dict(around("\x80\x04"s + static_cast<char>(code)), "file");
    for (int next = 0; next < 256; ++next)
      (void)parse_state_dict(around("\x80\x04(NN]}"s + static_cast<char>(code) + static_cast<char>(next) + "."), "file");
  }
}

/// A state dict of two tensors as our own writer and so torch.save makes it.
std::string small_zip() {
  const auto path = std::filesystem::temp_directory_path() / ("fair-small-" + std::to_string(getpid()) + ".pt");
  const std::string a(24, '\x3f'), b(8, '\x3e');
  EXPECT_TRUE(onnx::write_state_dict(path, {{"a.weight", {2, 3}, a}, {"a.bias", {2}, b}}));
  const auto bytes = io::read_whole(path);
  std::filesystem::remove(path);
  return bytes ? *bytes : "";
}

TEST(Damaged, ZipsAreRefusedWhereverTheyAreCut) {
  const std::string whole = small_zip();
  ASSERT_TRUE(parse_state_dict(whole, "file"));
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(parse_state_dict(std::string_view(whole).substr(0, n), "file")) << n;
}

TEST(Damaged, ZipsWithAnyByteChangedAreRefusedOrReadToTheSameSizes) {
  const std::string whole = small_zip();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char change : {'\x01', '\x80', '\xff'}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ change);
      const auto state = parse_state_dict(bytes, "file");
      if (state) EXPECT_LE(state->tensors.size(), 2U);
      else EXPECT_FALSE(state.error().expected.empty());
    }
  }
}

TEST(Damaged, WeightsChangedInAZipAreNoticed) {
  std::string bytes = small_zip();
  bytes[bytes.find(std::string(24, '\x3f')) + 5] ^= 1;
  EXPECT_NE(refused(bytes).message().find("damaged"), std::string::npos);
}

TEST(Damaged, LegacyFilesAreRefusedWhereverTheyAreCut) {
  const std::string whole = around(dict(tensor("K\x00"s, "K\x04\x85", "K\x01\x85")), storage);
  ASSERT_TRUE(parse_state_dict(whole, "file"));
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(parse_state_dict(std::string_view(whole).substr(0, n), "file")) << n;
}

std::string safetensors(const std::string& header, std::size_t data) { return number(header.size(), 8) + header + std::string(data, '\x3f'); }

TEST(Safetensors, AreReadAsTheFormatSays) {
  const auto state = parse_state_dict(
      safetensors(
          R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"a":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]},"e":{"dtype":"F32","shape":[0,3],"data_offsets":[12,12]}})",
          12),
      "file");
  ASSERT_TRUE(state) << state.error().message();
  ASSERT_EQ(state->tensors.size(), 3U);
  EXPECT_EQ(state->tensors[0].name, "b");
  EXPECT_EQ(state->tensors[0].dims, std::vector<std::int64_t>{});
  EXPECT_EQ(state->tensors[1].type, onnx::ElementType::bf16);
}

TEST(Safetensors, ThatLieAreRefused) {
  for (const char* header : {
           R"([])",
           R"({"a":5})",
           R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})",
           R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}})",
           R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
           R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})",
           R"({"a":{"dtype":"F32","shape":[4611686018427387904,4,2],"data_offsets":[0,8]}})",
           R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
           R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
           R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
           R"({"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}})",
           R"({"a":{"dtype":"F32","data_offsets":[0,8]}})",
           R"({"a":{"dtype":"F32","shape":[2]}})",
           R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}})",
           R"({"a":)",
       }) {
    EXPECT_FALSE(parse_state_dict(safetensors(header, 8), "file")) << header;
  }
  const std::string whole = safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
  ASSERT_TRUE(parse_state_dict(whole, "file"));
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(parse_state_dict(std::string_view(whole).substr(0, n), "file")) << n;
  EXPECT_FALSE(parse_state_dict(whole + "x", "file"));
}

TEST(Strangers, AreToldWhatToDo) {
  EXPECT_NE(refused("\x89HDF\r\n\x1a\n"s).hint.find("fair import model"), std::string::npos);
  EXPECT_NE(refused("<!DOCTYPE html>").found.find("web page"), std::string::npos);
  EXPECT_NE(refused("\x80\x04N."s).hint.find("torch.save"), std::string::npos);
  EXPECT_EQ(refused("").code, Code::unsupported);
  EXPECT_EQ(refused("PK\x03\x04"s).code, Code::invalid);
}

}  // namespace
}  // namespace fair::weights
