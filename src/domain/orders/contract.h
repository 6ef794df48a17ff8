#pragma once

/// Siblings ask orders nothing: they hear of it by events (docs/api/events.yaml).
namespace souk::orders {}
