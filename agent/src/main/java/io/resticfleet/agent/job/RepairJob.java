package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticCommand;
import io.resticfleet.agent.restic.ResticMissing;
import io.resticfleet.agent.restic.ResticVersion;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.NoResult;
import java.io.IOException;

/** Repairs the index, or the snapshots. */
record RepairJob(ResticCalls restic, Part part) implements JobWork {

    /** What is repaired. */
    enum Part {
        INDEX,
        SNAPSHOTS
    }

    @Override
    public Outcome run() throws IOException, InterruptedException, JobAborted, ResticMissing {
        var name = part == Part.INDEX ? "repair-index" : "repair-snapshots";
        var version = restic.version(name);
        if (part == Part.INDEX) {
            return plain(name, ResticCommand.repairIndex(version));
        }
        return version.compareTo(ResticVersion.REPAIR) < 0
                ? Outcome.failed(
                        ErrorCode.RESTIC_TOO_OLD,
                        "the machine has restic " + version + ", and this needs " + ResticVersion.REPAIR + " or newer")
                : plain(name, ResticCommand.repairSnapshots());
    }

    private Outcome plain(String name, ResticCommand command)
            throws IOException, InterruptedException, JobAborted, ResticMissing {
        return new PlainJob(restic, name, command, summary -> new NoResult()).run();
    }
}
