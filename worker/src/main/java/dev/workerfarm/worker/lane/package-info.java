/** One child process put together: its parts in one visible list, started from top to bottom and stopped backwards. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.lane;
