package io.resticfleet.protocol;

import java.util.List;
import java.util.Optional;

/**
 * What a step of a change of a repository's password found.
 *
 * @param keyId the key that opened the repository: of {@link RotateKey.Step#ADD} and {@link RotateKey.Step#PROVE} with the new
 *     password
 * @param earlierKeyId of {@link RotateKey.Step#ADD}, the key that opens it with what the host has stored; absent if that opens
 *     it no more
 * @param keys all of them afterwards
 */
public record RotateKeyResult(Optional<String> keyId, Optional<String> earlierKeyId, Optional<List<RepositoryKey>> keys)
        implements JobResult {

    public RotateKeyResult {
        keyId = keyId.map(id -> Limit.cut(id, Limit.NAME));
        earlierKeyId = earlierKeyId.map(id -> Limit.cut(id, Limit.NAME));
        keys = keys.map(RepositoryKey::limited);
    }
}
