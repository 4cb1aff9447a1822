/** How the programs of this project log: layout, level and place, read from {@code FARM_LOG_*}. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.cli.log;
