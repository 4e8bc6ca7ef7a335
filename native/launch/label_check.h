// Whether a dataset's labels are what a model can be taught.
#pragma once

#include "core/stac/model_spec.h"
#include "native/io/dataset_pack.h"

namespace fair::launch {

/// Every chip has labels of the model's task (masks, boxes, a class), and classes that the model has, which others would teach nonsense.
/// Code::incompatible names the first chip that does not.
Result<> labels_fit(const io::DatasetPack& pack, const stac::ModelSpec& model);

}  // namespace fair::launch
