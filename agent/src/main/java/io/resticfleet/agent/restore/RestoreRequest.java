package io.resticfleet.agent.restore;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Restore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** A restore, with the repository that it reads from. */
public record RestoreRequest(Optional<RepositoryId> repositoryId, Restore restore) {

    /** Of all that was requested: an approval is for exactly this. */
    String hash() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(Json.LENIENT.writeValueAsBytes(this)));
        } catch (NoSuchAlgorithmException | JsonProcessingException e) {
            throw new IllegalStateException(e); // every Java has it, and every request becomes JSON
        }
    }
}
