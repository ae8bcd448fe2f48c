interface Settings {
  currency: string;
}

const settings = JSON.parse('{"locale": null}') as { locale: Settings | null };
const currency = settings.locale!.currency.toUpperCase();

export function format(amount: number): string {
  return `${amount} ${currency}`;
}
