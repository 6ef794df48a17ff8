#pragma once

/// A disk that fills up or fails, without owning one: this program's `write`, `fdatasync`, `fsync`
/// and `rename` stand in for libc's, and RocksDB, which is linked into it, calls them.
namespace souk::faulty_disk {

enum class Call { write, sync, rename };

/// Files may grow by so many bytes more; what still fits is taken, as the kernel does.
void leave_room(long bytes);
/// The nth of these calls from now on, counted from 1, fails once with EIO and does nothing.
void fail_nth(Call call, long nth);
/// How many of these calls there were since the last fail_nth or heal.
[[nodiscard]] long calls(Call call);
void heal();

}  // namespace souk::faulty_disk
