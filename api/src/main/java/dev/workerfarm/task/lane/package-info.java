/** For the farm's own libraries: which lane's task a thread runs. Here, as a task's jar shares these packages with its worker. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.task.lane;
