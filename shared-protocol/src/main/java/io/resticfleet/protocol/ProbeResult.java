package io.resticfleet.protocol;

/**
 * What a host may do in a repository.
 *
 * @param writable 1 if it could write, else 0
 * @param removable 1 if it could remove what it wrote, else 0
 */
public record ProbeResult(long writable, long removable) implements JobResult {

    public ProbeResult {
        writable = Limit.count(writable);
        removable = Limit.count(removable);
    }
}
