package dev.workerfarm.status;

import dev.workerfarm.wire.control.WorkerStatus;
import java.util.List;

/**
 * What a farm does at one moment.
 *
 * @param workers the worker processes that answered, by name
 * @param consuming how many worker processes the broker sees on these queues; a lane of {@code FARM_LANES} counts once one of its
 *     processes has answered
 * @param queues the task queues, those of {@code FARM_LANES} and {@code FARM_QUEUES} that workers named, and the dead letters last
 * @param management whether RabbitMQ's management API added what it knows
 */
public record FarmStatus(List<WorkerStatus> workers, int consuming, List<QueueStatus> queues, boolean management) {
    public FarmStatus {
        workers = List.copyOf(workers);
        queues = List.copyOf(queues);
    }
}
