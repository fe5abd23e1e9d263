package io.resticfleet.agent.policy;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.OnOff;
import io.resticfleet.protocol.PolicyDuration;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryRules;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionRule;
import io.resticfleet.protocol.WellFormedText;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;

/**
 * The file in which this machine's owner defines what the server may do here. Read at each use, so that a change
 * applies from the next job on; never written, except once at enrolment: {@link NewPolicy}.
 *
 * <p>If it is invalid, or others could have changed it, everything is forbidden that backups do not depend on: no hooks
 * run, no questions are answered, no snapshots are read for the server, and nothing is
 * removed from a repository. Safe for use by many threads.
 */
public final class PolicyFile {

    /** Default location. */
    public static final Path DEFAULT = Path.of("/etc/restic-fleet/policy.json");

    private static final System.Logger log = System.getLogger(PolicyFile.class.getName());
    private static final long MAX_BYTES = 64 * 1024;
    private static final String HOOK_DIRECTORY = "/etc/restic-fleet/hooks";
    private static final int MAX_PROBLEM_LENGTH = 1_000;

    private final Path file;
    private final HookRule fallbackHooks;
    private Optional<HostPolicy> last = Optional.empty();

    /** @param fallbackHooks which hooks run if the policy does not define it */
    public PolicyFile(Path file, HookRule fallbackHooks) {
        this.file = file.toAbsolutePath().normalize();
        this.fallbackHooks = fallbackHooks;
    }

    /** A file of the owner that is to become the policy. */
    PolicyFile(Path file) {
        this(file, HookRule.LOCAL_ONLY);
    }

    /** Absolute; it need not exist. */
    public Path file() {
        return file;
    }

    /** @throws IOException if the file cannot be used as a policy, with the reason */
    String checkedText() throws IOException {
        try {
            if (!Files.exists(file)) {
                throw new IOException("there is no file " + file);
            }
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
                throw new IOException(file + " is not a file of at most " + MAX_BYTES / 1024 + " KiB");
            }
            var text = Files.readString(file, StandardCharsets.UTF_8);
            PolicyParser.parse(text, defaults());
            return text;
        } catch (AccessDeniedException e) {
            throw new IOException("the file " + file + " may not be read", e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not a text in UTF-8", e);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is no policy: " + e.getMessage(), e);
        }
    }

    /** The present policy. Logs it if it has changed. */
    public synchronized HostPolicy current() {
        var now = look();
        if (!last.equals(Optional.of(now))) {
            last = Optional.of(now);
            logChange(now);
        }
        return now;
    }

    /** The present policy, without logging it. */
    public HostPolicy look() {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile() || attributes.size() > MAX_BYTES) {
                return strictest("it is not a file of at most " + MAX_BYTES / 1024 + " KiB");
            }
            var problem = OwnerOnlyFile.problem(file);
            return problem.isPresent()
                    ? strictest(problem.get())
                    : PolicyParser.parse(Files.readString(file, StandardCharsets.UTF_8), defaults());
        } catch (NoSuchFileException e) {
            return Files.isSymbolicLink(file) ? strictest("it is a symbolic link to nothing") : defaults();
        } catch (AccessDeniedException e) {
            return strictest("the agent may not read it");
        } catch (CharacterCodingException e) {
            return strictest("it is not a text in UTF-8");
        } catch (IOException e) {
            return strictest("it cannot be read: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            return strictest(e.getMessage());
        }
    }

    /** How the owner wants to be told without the server; empty if nothing is set, or the file cannot be used. */
    public Optional<OwnersAlarm> alarm() {
        try {
            return Files.exists(file) && look().problem().isEmpty()
                    ? PolicyParser.alarm(Files.readString(file, StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty(); // changed since it was looked at; the next look shows the problem
        }
    }

    private HostPolicy strictest(String problem) {
        var text = problem.replaceAll("\\p{Cntrl}", "?");
        text = WellFormedText.cut(text, MAX_PROBLEM_LENGTH);
        return with(HookRule.OFF, OnOff.OFF, RepositoryRules.STRICTEST, ReadingRules.STRICTEST, Optional.of(text));
    }

    private HostPolicy defaults() {
        return with(fallbackHooks, OnOff.ON, RepositoryRules.DEFAULT, ReadingRules.DEFAULT, Optional.empty());
    }

    private HostPolicy with(
            HookRule hooks, OnOff questions, RepositoryRules rules, ReadingRules reading, Optional<String> problem) {
        return new HostPolicy(
                file.toString(),
                hooks,
                HOOK_DIRECTORY,
                List.of(),
                false,
                RepositoryUrl.BACKENDS,
                Optional.empty(),
                Optional.of(questions),
                rules,
                reading,
                problem);
    }

    private void logChange(HostPolicy now) {
        if (now.problem().isPresent()) {
            log.log(
                    Level.ERROR,
                    "the policy cannot be used, so no hooks run and no snapshots are removed; backups continue file="
                            + file + ": " + now.problem().get());
            return;
        }
        log.log(
                Level.INFO,
                "policy hooks=" + now.hooks().word() + " repositories=" + String.join(",", now.repositories())
                        + " longest_run="
                        + now.longestRun().map(PolicyDuration::text).orElse("none")
                        + " questions="
                        + now.questions().map(OnOff::word).orElse("") + " retention="
                        + now.rules().retention().map(RetentionRule::word).orElse("") + " prune="
                        + now.rules().prune().map(OnOff::word).orElse("") + " index="
                        + now.reading().index().map(OnOff::word).orElse("") + " download="
                        + now.reading().download().map(OnOff::word).orElse("") + " file="
                        + file + (Files.exists(file) ? "" : " (missing)"));
        if (fallbackHooks == HookRule.FROM_SERVER && now.hooks() != fallbackHooks) {
            log.log(
                    Level.WARNING,
                    "--allow-hooks and RESTIC_FLEET_ALLOW_HOOKS=1 have no effect: the policy sets hooks="
                            + now.hooks().word() + " file=" + file);
        }
    }
}
