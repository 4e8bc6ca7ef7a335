#include "core/vector/polygonize.h"
