package io.resticfleet.agent.job;

import io.resticfleet.protocol.Drill;
import io.resticfleet.protocol.JobCases;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RotateKey;
import java.security.SecureRandom;

/** The class for each kind of job. */
record JobWorks(JobRun job, ResticCalls restic) implements JobCases<JobWork> {

    @Override
    public JobWork backup(JobSpec.Backup spec) {
        return new BackupJob(job, restic, spec.schedule());
    }

    @Override
    public JobWork forget(JobSpec.Forget spec) {
        return new ForgetJob(job, restic, spec.scheduled());
    }

    @Override
    public JobWork prune(JobSpec.Prune spec) {
        return new PruneJob(restic, spec);
    }

    @Override
    public JobWork check(JobSpec.Check spec) {
        return new CheckJob(restic, spec);
    }

    @Override
    public JobWork init(JobSpec.Init spec) {
        return new InitJob(job, restic, spec);
    }

    @Override
    public JobWork unlock(JobSpec.Unlock spec) {
        return new UnlockJob(job, restic, spec);
    }

    @Override
    public JobWork probe(JobSpec.Probe spec) {
        return new ProbeJob(job, restic, spec);
    }

    @Override
    public JobWork stats(JobSpec.Stats spec) {
        return new StatsJob(restic);
    }

    @Override
    public JobWork copy(JobSpec.Copy spec) {
        return new CopyJob(job, restic, spec);
    }

    @Override
    public JobWork drill(Drill spec) {
        return new DrillJob(job, restic, spec, new SecureRandom());
    }

    @Override
    public JobWork repairIndex(JobSpec.RepairIndex spec) {
        return new RepairJob(restic, RepairJob.Part.INDEX);
    }

    @Override
    public JobWork repairSnapshots(JobSpec.RepairSnapshots spec) {
        return new RepairJob(restic, RepairJob.Part.SNAPSHOTS);
    }

    @Override
    public JobWork rotateKey(RotateKey spec) {
        return new RotateKeyJob(job, restic, spec);
    }

    @Override
    public JobWork restore(Restore spec) {
        return new RestoreJob(job, restic, spec);
    }

    @Override
    public JobWork snapshots(JobSpec.Snapshots spec) {
        return new PlainJob(restic, "snapshots", restic.listing(), summary -> new NoResult());
    }
}
