import { TrendingUp } from "lucide-react";
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

const sales = [
  { month: "Jan", sold: 12 },
  { month: "Feb", sold: 19 },
];

export function Sales() {
  return (
    <section>
      <TrendingUp aria-hidden size={16} />
      <ResponsiveContainer width="100%" height={240}>
        <BarChart data={sales}>
          <XAxis dataKey="month" />
          <YAxis />
          <Tooltip />
          <Bar dataKey="sold" />
        </BarChart>
      </ResponsiveContainer>
    </section>
  );
}
