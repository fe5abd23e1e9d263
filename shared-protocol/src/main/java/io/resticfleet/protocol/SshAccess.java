package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * How an agent could open an sftp repository.
 *
 * @param publicKey of the agent, as a line of {@code authorized_keys}
 * @param hostKeys that the server shows, which nobody has confirmed; not empty
 */
@JsonPropertyOrder("ask")
public record SshAccess(String publicKey, List<SshHostKey> hostKeys) implements Reply {

    private static final int MAX_HOST_KEYS = 20;

    /** @throws IllegalArgumentException if a text is too long, or there are no or too many keys */
    public SshAccess {
        Limit.check(publicKey, Limit.LINE);
        Limit.check(hostKeys, MAX_HOST_KEYS);
        if (hostKeys.isEmpty()) {
            throw new IllegalArgumentException("an ssh server has a key");
        }
        hostKeys = List.copyOf(hostKeys);
    }

    @JsonProperty("ask")
    String word() {
        return Ask.Ssh.WORD;
    }
}
