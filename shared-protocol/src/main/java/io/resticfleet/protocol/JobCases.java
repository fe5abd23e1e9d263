package io.resticfleet.protocol;

/** One method per kind of job, so that the compiler finds every place that lacks a new one. */
public interface JobCases<R> {
    R backup(JobSpec.Backup spec);

    R forget(JobSpec.Forget spec);

    R prune(JobSpec.Prune spec);

    R check(JobSpec.Check spec);

    R init(JobSpec.Init spec);

    R unlock(JobSpec.Unlock spec);

    R snapshots(JobSpec.Snapshots spec);

    R probe(JobSpec.Probe spec);

    R stats(JobSpec.Stats spec);

    R copy(JobSpec.Copy spec);

    R drill(Drill spec);

    R repairIndex(JobSpec.RepairIndex spec);

    R repairSnapshots(JobSpec.RepairSnapshots spec);

    R rotateKey(RotateKey spec);

    R restore(Restore spec);
}
