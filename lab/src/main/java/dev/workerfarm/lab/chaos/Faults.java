package dev.workerfarm.lab.chaos;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.lab.chaos.Schedule.Fault;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.RabbitMqNode;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.worker.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Does what a schedule says. One thread kills workers, another does all else, so that they overlap. Kills of workers hold
 * this object's lock: where one process is to be killed at one moment, none is killed by chance before.
 */
record Faults(
        RabbitMqNode broker,
        PrivateRedis redis,
        Worker workers,
        RedisSharedState shared,
        Storm storm,
        Duplicates duplicates,
        Timeline timeline,
        AtomicInteger killed) {
    private static final Duration LEAST_KILL_PAUSE = Duration.ofMillis(500); // between kills that are late
    private static final Duration LONGEST_KILL_PAUSE = Duration.ofSeconds(2); // for the replacement of the last one
    private static final Duration LOOK_EVERY = Duration.ofMillis(5);
    private static final Duration SOON = Duration.ofSeconds(60);

    /** Kills workers at their times; after {@code length} only until the least number of tasks is answered. */
    void killWorkers(List<Fault> kills, Duration length) throws Exception {
        var earliest = Duration.ZERO;
        for (var kill : kills) {
            timeline.await(kill.at().compareTo(earliest) < 0 ? earliest : kill.at());
            if (kill.at().compareTo(length) >= 0 && storm.hasAnsweredEnough()) {
                break;
            }
            awaitAllConsume();
            kill(kill);
            earliest = timeline.elapsed().plus(LEAST_KILL_PAUSE);
        }
        timeline.say("no more kills; " + storm.answered() + " of " + storm.tasks() + " tasks are answered");
    }

    /** Does the rest at its times; one that comes late waits for those before it. */
    void outages(List<Fault> outages) throws Exception {
        for (var outage : outages) {
            timeline.await(outage.at());
            switch (outage.kind()) {
                case KILL_WORKER -> kill(outage);
                case KILL_REDIS -> kill("Redis", redis::kill, redis::startAgain, outage.lasting());
                case KILL_BROKER -> kill("RabbitMQ", broker::kill, broker::startAgain, outage.lasting());
                case FREEZE_BROKER -> freezeBroker(outage.lasting());
                case KILL_AFTER_COMMIT -> killAfterCommit();
            }
        }
    }

    private synchronized void kill(Fault fault) throws Exception {
        var victim = victim(fault.worker());
        if (victim.isEmpty()) {
            timeline.say("no worker process is there to be killed");
            return;
        }
        timeline.say("kill -9 of worker process " + victim.get().pid());
        kill(victim.get());
    }

    /** On a slow machine one process would be hit again and again, and the task with which it begins given up after three. */
    private void awaitAllConsume() throws InterruptedException {
        var start = System.nanoTime();
        while (workers.consumingPids().size() < workers.pids().size()
                && System.nanoTime() - start < LONGEST_KILL_PAUSE.toNanos()) {
            TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
        }
    }

    /** One that consumes; where none does, the one that has lived longest: it may hold outcomes. */
    private Optional<ProcessHandle> victim(int worker) {
        var consuming = workers.consumingPids();
        if (!consuming.isEmpty()) {
            return ProcessHandle.of(consuming.get(worker % consuming.size()));
        }
        var all = workers.pids().stream().flatMap(pid -> ProcessHandle.of(pid).stream());
        return all.min(Comparator.comparing(each -> each.info().startInstant().orElse(Instant.MAX)));
    }

    private void kill(ProcessHandle worker) throws Exception {
        worker.destroyForcibly();
        worker.onExit().get(SOON.toSeconds(), TimeUnit.SECONDS);
        killed.incrementAndGet();
    }

    private void kill(String service, Runnable kill, Runnable startAgain, Duration lasting)
            throws InterruptedException {
        timeline.say("kill -9 of " + service);
        kill.run();
        TimeUnit.NANOSECONDS.sleep(lasting.toNanos());
        startAgain.run();
        timeline.say(service + " is back");
    }

    private void freezeBroker(Duration lasting) throws InterruptedException {
        timeline.say("RabbitMQ is frozen");
        broker.freeze();
        try {
            TimeUnit.NANOSECONDS.sleep(lasting.toNanos());
        } finally {
            broker.thaw();
        }
        timeline.say("RabbitMQ goes on");
    }

    /** A frozen broker confirms no reply and takes no ack. */
    private synchronized void killAfterCommit() throws Exception {
        var held = storm.hold();
        await("the held task's begin", () -> !held.begun().isEmpty());
        var pid = held.begun().get(0);
        broker.freeze();
        try {
            held.release();
            await("the held task's commit", () -> isCommitted(held));
            kill(ProcessHandle.of(pid).orElseThrow());
            timeline.say("kill -9 of worker process " + pid + " between a commit and its ack");
        } finally {
            broker.thaw();
        }
        held.compare();
        duplicates.ask();
    }

    private boolean isCommitted(Storm.Held held) {
        try {
            return shared.value(held.value()).getLong() == 1;
        } catch (RedisUnreachableException e) {
            return false; // a connection from before Redis was killed; the next one is new
        }
    }

    private static void await(String name, Callable<Boolean> condition) throws Exception {
        var start = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - start > SOON.toNanos()) {
                throw new TimeoutException(name + " does not come within " + SOON.toSeconds() + " s");
            }
            TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
        }
    }
}
