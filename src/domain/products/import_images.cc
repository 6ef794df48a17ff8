#include "domain/products/import_images.h"

#include <algorithm>

#include "domain/base/text.h"
#include "domain/products/import_cells.h"
#include "domain/products/limits.h"

namespace souk::products {

namespace {

/// A larger position says no more than this one.
constexpr std::int64_t image_position_max = 1'000'000;

struct Image {
    std::string address = {};
    const ImportRow* row = nullptr;       // That named it first.
    std::optional<std::string> alt = {};  // Nothing where the file says none.
    std::optional<std::int64_t> position = {};
};

/// Whoever has an image's address in several rows may say the rest in any of them; the first that
/// does counts.
void complete(Image& image, const ImportRow& row, const ImportContext& context,
              std::vector<ImportError>& errors) {
    if (!image.alt && !row[Column::image_alt].empty()) {
        image.alt =
            fitting(row, Column::image_alt, schema::text(0, alt_max), context.columns, errors);
    }
    const auto said = to_integer(row[Column::image_position]);
    if (!image.position && said) {
        image.position = std::clamp<std::int64_t>(*said, 1, image_position_max);
    }
}

std::vector<Image> images_of(const RowGroup& group, const ImportContext& context,
                             std::vector<ImportError>& errors) {
    std::vector<Image> images;
    std::set<std::int64_t> bad_rows;  // Whose images are left out with them, once checked.
    for (const auto& error : errors) {
        bad_rows.insert(error.row);
    }
    for (const auto& row : group.rows) {
        const bool is_bad = bad_rows.contains(row.number);
        for (const Column column : {Column::image, Column::variant_image}) {
            const std::string& address = row[column];
            if (address.empty()) {
                continue;
            }
            auto image = std::ranges::find(images, address, &Image::address);
            if (image == images.end()) {
                if (!fitting(row, column, schema::text(TextFormat::url), context.columns, errors)) {
                    continue;
                }
                if (!is_bad) {
                    image = images.insert(images.end(), {.address = address, .row = &row});
                }
            }
            if (column == Column::image) {
                Image left_out;
                complete(is_bad ? left_out : *image, row, context, errors);
            }
        }
    }
    std::ranges::stable_sort(images, {}, [](const Image& image) {
        return image.position.value_or(image_position_max + 1);
    });
    return images;
}

using Places = std::map<MediaId, std::int64_t>;

/// Two images that claim one place get it and the next that is free. It hangs on nothing but the
/// file, so it comes out the same another time.
std::int64_t free_place(std::int64_t wanted, std::set<std::int64_t>& taken) {
    while (!taken.insert(wanted).second) {
        ++wanted;
    }
    return wanted;
}

bool are_in_place(const std::vector<PicturePatch>& media, const Places& places) {
    std::int64_t before = 0;
    for (std::size_t i = 0; i < media.size(); ++i) {
        const auto place = places.find(media[i].id);
        if (place == places.end()) {
            continue;
        }
        if (place->second < before || place->second <= static_cast<std::int64_t>(i)) {
            return false;
        }
        before = place->second;
    }
    return true;
}

std::vector<PicturePatch> put_in_place(const std::vector<PicturePatch>& media,
                                       const Places& places) {
    std::vector<PicturePatch> placed;
    std::vector<PicturePatch> others;
    for (const auto& picture : media) {
        (places.contains(picture.id) ? placed : others).push_back(picture);
    }
    std::ranges::sort(placed, {}, [&](const PicturePatch& one) { return places.at(one.id); });
    std::vector<PicturePatch> all;
    auto other = others.begin();
    for (auto& picture : placed) {
        for (; other != others.end() && std::ssize(all) + 1 < places.at(picture.id); ++other) {
            all.push_back(std::move(*other));
        }
        all.push_back(std::move(picture));
    }
    std::move(other, others.end(), std::back_inserter(all));
    return all;
}

/// The image among those of the product, where it is added if there is room.
std::optional<MediaId> taken_in(const Image& image, const ImportContext& context,
                                std::vector<PicturePatch>& media, Pictures& pictures) {
    const auto known = context.existing_media.find(image.address);
    if (known != context.existing_media.end()) {
        if (image.alt && !context.said.image_alts.contains(known->second)) {
            std::ranges::find(media, known->second, &PicturePatch::id)->alt = image.alt;
        }
        return known->second;
    }
    if (std::ssize(media) >= media_per_product_max) {
        return std::nullopt;
    }
    MediaId id = context.fresh_media();
    pictures.emplace(
        id, Picture{.id = id, .external_url = image.address, .alt = image.alt.value_or("")});
    media.push_back({id, image.alt});
    return id;
}

}  // namespace

void plan_images(const RowGroup& group, const ImportContext& context, ImportPlan& plan) {
    const auto images = images_of(group, context, plan.errors);
    if (images.empty()) {
        return;
    }
    std::vector<PicturePatch> media;
    if (context.existing) {
        for (const auto& picture : context.existing->media) {
            media.push_back({picture.id, picture.alt});
        }
    }
    std::set<std::int64_t> taken;
    for (const auto& [id, place] : context.said.image_places) {
        taken.insert(place);
    }
    const Image* first_left_out = nullptr;
    for (const auto& image : images) {
        const auto id = taken_in(image, context, media, plan.pictures);
        if (!id) {
            first_left_out = first_left_out == nullptr ? &image : first_left_out;
            continue;
        }
        if (image.alt) {
            plan.said.image_alts.insert(*id);
        }
        if (image.position && !context.said.image_places.contains(*id)) {
            plan.said.image_places.emplace(*id, free_place(*image.position, taken));
        }
    }
    if (first_left_out != nullptr) {
        plan.errors.push_back({first_left_out->row->number, context.columns.name(Column::image),
                               cat("A product has at most ", media_per_product_max, " images.")});
    }
    Places places = context.said.image_places;
    places.insert(plan.said.image_places.begin(), plan.said.image_places.end());
    plan.patch.media = are_in_place(media, places) ? std::move(media) : put_in_place(media, places);
}

}  // namespace souk::products
