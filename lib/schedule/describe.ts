const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Says common expressions in words; others are shown as written. */
export function describeCron(expression: string, zone: string): string {
  const [minute = '', hour = '', day, month, weekday] = expression.split(' ');
  const everyDay = day === '*' && month === '*' && weekday === '*';
  const everyMinutes = /^\*\/(\d+)$/.exec(minute);
  if (everyDay && hour === '*' && (minute === '*' || everyMinutes !== null)) {
    return everyMinutes === null ? 'every minute' : `every ${everyMinutes[1]} min`;
  }
  const everyHours = /^\*\/(\d+)$/.exec(hour);
  if (everyDay && /^\d+$/.test(minute) && (hour === '*' || everyHours !== null)) {
    const past = minute === '0' ? '' : ` at :${minute.padStart(2, '0')}`;
    return everyHours === null ? `hourly${past}` : `every ${everyHours[1]} h${past}`;
  }
  if (/^\d+$/.test(minute) && /^\d+$/.test(hour) && day === '*' && month === '*') {
    const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')} ${zone}`;
    if (weekday === '*') {
      return `daily ${time}`;
    }
    const name = WEEKDAYS[Number(weekday)];
    if (name !== undefined && /^\d$/.test(weekday ?? '')) {
      return `${name} ${time}`;
    }
  }
  return `${expression} ${zone}`;
}
