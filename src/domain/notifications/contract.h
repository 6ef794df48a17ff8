#pragma once

/// Siblings ask notifications nothing: it hears of them by events (docs/api/events.yaml).
namespace souk::notifications {}
