// A view of a dense tensor: what crosses between pixels, plugins and sessions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fair {

enum class DType : std::int32_t { f32 = 1, u8 = 2, i64 = 7, f16 = 10, f64 = 11 };  // numbered as ONNX's TensorProto.DataType

/// Bytes of one element.
[[nodiscard]] constexpr std::size_t size_of(DType type) {
  switch (type) {
    case DType::u8: return 1;
    case DType::f16: return 2;
    case DType::f32: return 4;
    case DType::i64:
    case DType::f64: return 8;
  }
  return 0;
}

/// Non-owning, C-contiguous. `data` lives as long as its owner says.
struct TensorView {
  static constexpr int max_rank = 8;
  void* data = nullptr;
  DType dtype = DType::f32;
  std::int32_t rank = 0;
  std::array<std::int64_t, max_rank> shape{};

  [[nodiscard]] std::int64_t elements() const {
    std::int64_t n = 1;
    for (int i = 0; i < rank; ++i) n *= shape[static_cast<std::size_t>(i)];
    return n;
  }
  [[nodiscard]] std::size_t bytes() const { return static_cast<std::size_t>(elements()) * size_of(dtype); }
  template <class T>
  [[nodiscard]] T* as() const {
    return static_cast<T*>(data);
  }
};

}  // namespace fair
