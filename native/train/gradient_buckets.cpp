#include "native/train/gradient_buckets.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace fair::train {
namespace {

// PyTorch's: the first bucket is small, so that something is on its way early.
constexpr std::int64_t first_bucket_bytes = std::int64_t{1} << 20U, bucket_bytes = std::int64_t{25} << 20U;

struct Bucket {
  std::vector<std::size_t> members;  ///< parameters
  at::Tensor flat;                   ///< their gradients one after the other, then a number a member: how much of the batch has one
  std::vector<at::Tensor> views;     ///< each member's gradient in `flat`, laid out as the parameter is
  at::Tensor present;                ///< the numbers
  std::size_t waiting = 0;           ///< gradients that have not come in this step
  std::unique_ptr<RankGroup::Sum> sum;
};

}  // namespace

struct GradientBuckets::State {
  std::vector<at::Tensor> parameters;
  std::shared_ptr<RankGroup> group;
  double share = 1;
  std::vector<Bucket> buckets;
  std::vector<std::pair<std::size_t, std::size_t>> place;  ///< bucket and number in it, by parameter
  std::vector<std::pair<std::shared_ptr<torch::autograd::Node>, std::uintptr_t>> hooks;
  std::vector<std::int64_t> came;  ///< parameters in the order of their gradients, in the first step
  bool ordered = false;
  std::size_t next = 0;  ///< first bucket that is not on its way

  /// Fills buckets in this order of parameters.
  void fill(const std::vector<std::int64_t>& order) {
    buckets.clear();
    place.assign(parameters.size(), {0, 0});
    std::int64_t bytes = 0;
    for (const std::int64_t i : order) {
      const at::Tensor& p = parameters[static_cast<std::size_t>(i)];
      const std::int64_t most = buckets.size() <= 1 ? first_bucket_bytes : bucket_bytes;
      if (buckets.empty() || bytes >= most || parameters[buckets.back().members.front()].scalar_type() != p.scalar_type()) {
        buckets.emplace_back();
        bytes = 0;
      }
      place[static_cast<std::size_t>(i)] = {buckets.size() - 1, buckets.back().members.size()};
      buckets.back().members.push_back(static_cast<std::size_t>(i));
      bytes += static_cast<std::int64_t>(p.nbytes());
    }
    for (Bucket& bucket : buckets) {
      std::int64_t values = 0;
      for (const std::size_t m : bucket.members) values += parameters[m].numel();
      const auto members = static_cast<std::int64_t>(bucket.members.size());
      bucket.flat = at::zeros({values + members}, parameters[bucket.members.front()].options().requires_grad(false));
      bucket.present = bucket.flat.slice(0, values);
      std::int64_t from = 0;
      for (const std::size_t m : bucket.members) {
        const at::Tensor& p = parameters[m];
        const bool dense = p.is_non_overlapping_and_dense();
        bucket.views.push_back(dense ? bucket.flat.as_strided(p.sizes(), p.strides(), from)
                                     : bucket.flat.slice(0, from, from + p.numel()).view(p.sizes()));
        from += p.numel();
      }
      bucket.waiting = bucket.members.size();
    }
    next = 0;
  }

  void launch(Bucket& bucket) {
    bucket.flat.mul_(share);
    bucket.sum = group->begin_sum(bucket.flat);
  }

  void came_in(std::size_t i) {
    const c10::NoGradGuard no_grad;
    if (!ordered) came.push_back(static_cast<std::int64_t>(i));
    const auto [b, number] = place[i];
    Bucket& bucket = buckets[b];
    bucket.views[number].copy_(parameters[i].grad());
    bucket.present[static_cast<std::int64_t>(number)].fill_(1);
    --bucket.waiting;
    while (next < buckets.size() && buckets[next].waiting == 0) launch(buckets[next++]);
  }
};

namespace {

class CameIn final : public torch::autograd::FunctionPostHook {
 public:
  explicit CameIn(std::function<void()> act) : act_(std::move(act)) {}
  torch::autograd::variable_list operator()(const torch::autograd::variable_list& outputs, const torch::autograd::variable_list&) override {
    act_();
    return outputs;
  }

 private:
  std::function<void()> act_;
};

}  // namespace

GradientBuckets::GradientBuckets(const std::vector<NamedTensor>& parameters, std::shared_ptr<RankGroup> group, double share)
    : state_(std::make_shared<State>()) {
  State& s = *state_;
  s.group = std::move(group);
  s.share = share;
  for (const NamedTensor& p : parameters) s.parameters.push_back(p.value);
  // Until the order is known: what is last in the graph has its gradient first.
  std::vector<std::int64_t> order(parameters.size());
  std::iota(order.rbegin(), order.rend(), 0);
  s.fill(order);
  for (std::size_t i = 0; i < s.parameters.size(); ++i) {
    auto accumulator = torch::autograd::impl::grad_accumulator(s.parameters[i]);
    const auto key = accumulator->add_post_hook(std::make_unique<CameIn>([state = state_.get(), i] { state->came_in(i); }));
    s.hooks.emplace_back(std::move(accumulator), key);
  }
}

GradientBuckets::~GradientBuckets() {
  for (auto& [accumulator, key] : state_->hooks) accumulator->del_post_hook(key);
}

void GradientBuckets::finish() {
  const c10::NoGradGuard no_grad;
  State& s = *state_;
  for (; s.next < s.buckets.size(); ++s.next) {
    Bucket& bucket = s.buckets[s.next];
    for (std::size_t m = 0; m < bucket.members.size() && bucket.waiting > 0; ++m) {
      if (!s.parameters[bucket.members[m]].grad().defined()) bucket.views[m].zero_();
    }
    s.launch(bucket);
  }
  for (Bucket& bucket : s.buckets) {
    bucket.sum->finish("the other ranks' gradients");
    bucket.sum.reset();
    const at::Tensor present = bucket.present.to(at::kCPU, at::kDouble);
    for (std::size_t m = 0; m < bucket.members.size(); ++m) {
      const bool any = present.data_ptr<double>()[m] > 0;
      s.parameters[bucket.members[m]].mutable_grad() = any ? bucket.views[m] : at::Tensor();
    }
  }
  if (!s.ordered) {
    // Rank 0's order, should another rank have seen another.
    at::Tensor order = at::full({static_cast<std::int64_t>(s.parameters.size())}, -1, at::kLong);
    std::copy(s.came.begin(), s.came.end(), order.data_ptr<std::int64_t>());
    s.group->spread({order}, "the order of gradients");
    std::vector<std::int64_t> known;
    for (std::int64_t i = 0; i < order.numel(); ++i) {
      if (order.data_ptr<std::int64_t>()[i] >= 0) known.push_back(order.data_ptr<std::int64_t>()[i]);
    }
    for (std::size_t i = 0; i < s.parameters.size(); ++i) {
      if (std::find(known.begin(), known.end(), static_cast<std::int64_t>(i)) == known.end()) known.push_back(static_cast<std::int64_t>(i));
    }
    // The gradients of this step keep the old buckets' memory alive.
    s.fill(known);
    s.ordered = true;
    return;
  }
  for (Bucket& bucket : s.buckets) {
    bucket.present.zero_();
    bucket.waiting = bucket.members.size();
  }
  s.next = 0;
}

}  // namespace fair::train
