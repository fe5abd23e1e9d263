package io.resticfleet.server.page.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.SshHostKey;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How the machines of an sftp repository sign in to its ssh server, and how they recognise it.
 *
 * @param confirmed keys of the server that an operator has confirmed
 * @param answer of the machine that was asked; absent if none was
 * @param notice why no machine answered; empty if one did, or none was asked
 */
record SshScreen(RepositoryFrame frame, List<SshHostKey> confirmed, Optional<Answer> answer, String notice) {

    /**
     * What a machine needs.
     *
     * @param publicKey of its agent, a line of {@code authorized_keys}
     * @param hostKeys that the server shows to it
     */
    record Answer(HostId hostId, String host, String publicKey, List<SshHostKey> hostKeys) {

        /** The host keys as the form sends them back. */
        String lines() {
            return hostKeys.stream().map(SshHostKey::line).collect(Collectors.joining("\n"));
        }
    }

    /** Whether all keys that the server shows are confirmed. */
    boolean allConfirmed() {
        return answer.filter(asked -> confirmed.containsAll(asked.hostKeys())).isPresent();
    }
}
