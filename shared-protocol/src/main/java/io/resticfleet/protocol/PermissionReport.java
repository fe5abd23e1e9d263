package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a machine lets a restore write there.
 *
 * @param approveCode with which the machine's owner can allow it; of {@link Answer#NEEDS_APPROVAL} only
 * @param reason why it is not allowed, for the operator; absent if it is
 * @param reasonCode of the reason, for programs; absent if it is allowed
 * @param remarks what the restore cannot do on this machine, such as to give files their owner
 */
@JsonPropertyOrder("ask")
public record PermissionReport(
        Answer permission,
        Optional<String> approveCode,
        Optional<String> reason,
        Optional<ErrorCode.Reported> reasonCode,
        List<String> remarks)
        implements Reply {

    private static final int MAX_REMARKS = 10;

    /** The answer itself. */
    public enum Answer {
        ALLOWED,
        /** The policy does not allow it, but the owner can do so for this one restore. */
        NEEDS_APPROVAL,
        REFUSED;

        /** In JSON, such as {@code needs_approval}. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException if there is no such answer */
        @JsonCreator
        public static Answer of(String word) {
            return Arrays.stream(values())
                    .filter(answer -> answer.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("unknown answer"));
        }
    }

    /** @throws IllegalArgumentException if there are too many remarks */
    public PermissionReport {
        approveCode = Limit.cut(approveCode, Limit.NAME);
        reason = Limit.cut(reason, Limit.LINE);
        Limit.check(remarks, MAX_REMARKS);
        remarks = Limit.cut(remarks);
    }

    public static PermissionReport allowed(List<String> remarks) {
        return new PermissionReport(Answer.ALLOWED, Optional.empty(), Optional.empty(), Optional.empty(), remarks);
    }

    public static PermissionReport refused(ErrorCode code, String reason) {
        return new PermissionReport(
                Answer.REFUSED, Optional.empty(), Optional.of(reason), Optional.of(code.reported()), List.of());
    }

    /** @param approveCode names the stored request */
    public static PermissionReport needsApproval(String approveCode, String reason, List<String> remarks) {
        return new PermissionReport(
                Answer.NEEDS_APPROVAL,
                Optional.of(approveCode),
                Optional.of(reason),
                Optional.of(ErrorCode.RESTORE_NOT_ALLOWED.reported()),
                remarks);
    }

    @JsonProperty("ask")
    String word() {
        return Ask.RestorePermission.WORD;
    }
}
