/**
 * Whether and where a restore may write on this machine: by the policy, by its owner's approval, and by what is at the
 * target. Asked by the server before a job, and again by the job.
 */
package io.resticfleet.agent.restore;
