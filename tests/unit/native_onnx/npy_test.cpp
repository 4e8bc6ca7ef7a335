// NumPy's files: what is read, what is written, and what is refused by name.
#include "native/onnx/npy.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace {

using namespace fair;

std::string file_of(const std::string& dictionary, std::size_t value_bytes) {
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(dictionary.size() & 0xffU);
  out += static_cast<char>(dictionary.size() >> 8U);
  return out + dictionary + std::string(value_bytes, '\x01');
}

std::string refusal(const std::string& bytes) {
  const auto array = onnx::parse_npy(bytes, "x.npy");
  return array ? "read" : array.error().message();
}

TEST(Npy, ReadsWhatNumpyWrites) {
  const auto array = onnx::parse_npy(file_of("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }   \n", 24), "x.npy");
  ASSERT_TRUE(array) << array.error().message();
  EXPECT_EQ(array->type, onnx::ElementType::i32);
  EXPECT_EQ(array->dims, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(array->raw.size(), 24U);
  const auto one_axis = onnx::parse_npy(file_of("{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }\n", 5), "x.npy");
  ASSERT_TRUE(one_axis) << one_axis.error().message();
  EXPECT_EQ(one_axis->dims, (std::vector<std::int64_t>{5}));
  const auto scalar = onnx::parse_npy(file_of("{'descr': '<f8', 'fortran_order': False, 'shape': (), }\n", 8), "x.npy");
  ASSERT_TRUE(scalar) << scalar.error().message();
  EXPECT_TRUE(scalar->dims.empty());
}

TEST(Npy, WhatIsWrittenIsReadBack) {
  const auto path = std::filesystem::temp_directory_path() / ("fair_npy_" + std::to_string(::getpid()) + ".npy");
  for (const auto& dims : std::vector<std::vector<std::int64_t>>{{}, {6}, {2, 3}, {0, 3}, {1, 2, 3, 1}}) {
    std::int64_t n = 1;
    for (const auto size : dims) n *= size;
    const auto tensor = onnx::Tensor::of("", dims, std::vector<float>(static_cast<std::size_t>(n), 1.5F));
    const auto written = onnx::write_npy(path, tensor);
    ASSERT_TRUE(written) << written.error().message();
    const auto read = onnx::read_npy(path);
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->dims, dims);
    EXPECT_EQ(read->raw, tensor.raw);
    EXPECT_EQ((std::filesystem::file_size(path) - tensor.raw.size()) % 64, 0U);
  }
  std::filesystem::remove(path);
}

TEST(Npy, RefusesWithASentence) {
  EXPECT_NE(refusal(file_of("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n", 24)).find("Fortran"), std::string::npos);
  EXPECT_NE(refusal(file_of("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }\n", 24)).find(">f4"), std::string::npos);
  EXPECT_NE(refusal(file_of("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }\n", 24)).find("|O"), std::string::npos);
  EXPECT_NE(refusal(file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 20)).find("20"), std::string::npos);
}

TEST(Npy, DamagedHeadersAreErrors) {
  const auto whole = file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 24);
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_NE(refusal(whole.substr(0, length)), "read") << length;
  for (const auto* text :
       {"", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}", "{'descr': '<f4', 'fortran_order': False, 'shape': (2",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}", "{'descr': '<f4', 'fortran_order': False, 'shape': (6)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}"})
    EXPECT_NE(refusal(file_of(text, 24)), "read") << text;
  auto future = whole;
  future[6] = '\x09';
  EXPECT_NE(refusal(future).find("version"), std::string::npos);
}

}  // namespace
