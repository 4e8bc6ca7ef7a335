// Which samples of a step's batch one rank draws.
#pragma once

namespace fair::train {

/// Places [first, first + count) of a batch of `whole`. Ranks' parts are disjoint and together the batch, so that what is seen in a step does not
/// depend on how many ranks there are.
struct BatchPart {
  int first = 0, count = 1, whole = 1;

  BatchPart(int all) : count(all), whole(all) {}  // NOLINT(google-explicit-constructor): a batch is a part of itself
  /// The share of one of `ranks`; shares differ by one sample at most.
  [[nodiscard]] static BatchPart of(int batch, int rank, int ranks) {
    BatchPart out(batch);
    out.first = batch * rank / ranks;
    out.count = batch * (rank + 1) / ranks - out.first;
    return out;
  }
  /// Of the batch.
  [[nodiscard]] double share() const { return static_cast<double>(count) / whole; }
};

}  // namespace fair::train
