#pragma once

#include "domain/products/import_plan.h"

namespace souk::products {

/// Plans the images that the rows name: those that the product lacks are added, all are put where
/// the file says, and none goes. One without a position keeps its place, or comes last.
///
/// A position is a place among all images of the product. Those that the file does not name fill
/// what it leaves free, in the order they have. Where images stand in the order of their positions
/// and none behind its own, all is left as it is: a file whose positions have gaps, and one whose
/// rows of a product stand apart, thus changes nothing a second time.
void plan_images(const RowGroup& group, const ImportContext& context, ImportPlan& plan);

}  // namespace souk::products
